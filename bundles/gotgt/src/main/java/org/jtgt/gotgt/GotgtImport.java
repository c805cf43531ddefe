// SPDX-License-Identifier: Apache-2.0
package org.jtgt.gotgt;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;

/** Makes the container's objects those of one file, all or nothing. */
final class GotgtImport {
  private final Admin admin;
  private final Path file;

  GotgtImport(Admin admin, Path file) {
    this.admin = admin;
    this.file = file.toAbsolutePath().normalize();
  }

  /**
   * Reads the file and carries it out.
   *
   * @return what changed; empty when a type's bundle is not there yet
   * @throws WrongEntryException the file cannot be read or an entry is wrong; nothing was changed
   */
  Optional<Result> run() throws WrongEntryException {
    List<Change> declared;
    try (Reader reader = Files.newBufferedReader(file)) {
      declared = GotgtConfiguration.read(Node.read(reader), Path.of("").toAbsolutePath());
    } catch (IOException e) {
      throw new WrongEntryException(file.toString(), "cannot be read: " + e.getMessage());
    } catch (WrongEntryException e) {
      throw new WrongEntryException(file.toString(), String.valueOf(e.getMessage()));
    }
    Origin origin = Origin.imported(file);
    try {
      return Optional.of(admin.apply(withRemovals(declared, origin), origin));
    } catch (AdminException e) {
      if (e.problem() == Problem.UNKNOWN_TYPE) {
        return Optional.empty();
      }
      throw new WrongEntryException(file.toString(), String.valueOf(e.getMessage()));
    }
  }

  /** What an earlier version of the file made and this one does not name goes in the same step. */
  private List<Change> withRemovals(List<Change> declared, Origin origin) {
    var kept = new HashSet<String>();
    declared.forEach(change -> kept.add(change.type() + " " + change.name()));
    var changes = new ArrayList<Change>();
    for (ManagedObject object : admin.objects()) {
      if (object.origin().equals(origin)) {
        boolean named =
            kept.contains(object.typePid() + " " + object.name())
                || kept.contains(
                    object.typePid() + " " + object.values().getOrDefault("name", object.name()));
        if (!named) {
          changes.add(new Change.Remove(object.typePid(), object.name(), true));
        }
      }
    }
    changes.addAll(declared);
    return changes;
  }
}
