// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Change;
import org.jtgt.admin.Origin;

/** The files that made configurations, which a command changes and deletes with them. */
final class MadeByFile {
  private MadeByFile() {}

  /**
   * What a file says at this moment: since it was read, a command that waited for the same lock may
   * have changed it, or removed it with its object, and that would be undone.
   *
   * @throws AdminException when it cannot be read any more
   */
  static Change asItIsNow(Change change, Origin by) {
    if (change instanceof Change.Declare declare && by.kind() == Origin.Kind.FILE) {
      return new Change.Declare(declare.type(), declare.name(), CfgFile.read(Path.of(by.source())));
    }
    return change;
  }

  /** The file goes with its configuration. */
  static Optional<Part<?>> deleted(Entry entry) {
    return file(entry)
        .flatMap(file -> {
          try {
            return Optional.of(
                new Part.OfFile(file, Optional.of(Files.readString(file)), Optional.empty()));
          } catch (NoSuchFileException alreadyGone) {
            return Optional.empty();
          } catch (IOException e) {
            throw storage(entry, "its file cannot be deleted: " + e);
          }
        });
  }

  /**
   * The file gives what its configuration will be.
   *
   * @throws AdminException when the file has changes of its own that would be lost
   */
  static Optional<Part<?>> rewritten(Model model, Entry old, Entry fresh) {
    return file(old)
        .map(file -> {
          requireApplied(model, old, file);
          try {
            String text = Files.readString(file);
            return new Part.OfFile(
                file, Optional.of(text), Optional.of(CfgFile.edit(text, fresh.texts())));
          } catch (IOException e) {
            throw storage(old, "its file " + file + " cannot be written: " + e);
          }
        });
  }

  private static Optional<Path> file(Entry entry) {
    return Optional.of(entry.origin())
        .filter(origin -> origin.kind() == Origin.Kind.FILE)
        .map(origin -> Path.of(origin.source()));
  }

  private static void requireApplied(Model model, Entry old, Path file) {
    Map<String, String> given;
    try {
      given = Entry.normalised(model.type(old.typePid()), old.pid(), CfgFile.read(file));
    } catch (AdminException wrong) {
      throw otherOrigin(old, "its file is wrong, correct it first: " + wrong.getMessage());
    }
    if (!given.equals(old.texts())) {
      throw otherOrigin(old, "the file " + file + " has changes that are not applied yet");
    }
  }

  private static AdminException storage(Entry entry, String why) {
    return new AdminException(Problem.STORAGE, entry.pid(), "", "", why);
  }

  private static AdminException otherOrigin(Entry entry, String why) {
    return new AdminException(Problem.OTHER_ORIGIN, entry.pid(), "", "", why);
  }

  /** Makes a file what it shall be; none deletes it. */
  static void put(Path file, Optional<String> text) throws IOException {
    try {
      if (text.isPresent()) {
        CfgFile.write(file, text.get());
      } else {
        StableFiles.delete(file);
      }
    } catch (IOException e) {
      throw new IOException("its file " + file + " cannot be written: " + e, e);
    }
  }
}
