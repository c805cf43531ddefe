// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Names the process that holds a file, as far as this process is allowed to see it. */
final class Holders {
  private static final Path PROC = Path.of("/proc");

  private Holders() {}

  /** A process in words: {@code process 4711 (qemu-img)}. */
  static String process(long pid) {
    String command = "?";
    try {
      command = Files.readString(PROC.resolve(pid + "/comm")).strip();
    } catch (IOException gone) {
      // It ended just now, or belongs to another process namespace.
    }
    return "process %d (%s)".formatted(pid, command);
  }

  /**
   * Whoever else has a regular file locked, or a block device open.
   *
   * @param ownFd a descriptor of this process that does not count; -1 for none
   */
  static String find(Path file, boolean blockDevice, int ownFd) {
    Optional<Stat> wanted = Stat.of(file.toString());
    if (wanted.isEmpty()) {
      return "another process";
    }
    if (blockDevice) {
      Optional<String> mount = mountOf(wanted.get().device());
      if (mount.isPresent()) {
        return "a file system mounted on " + mount.get();
      }
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, wanted.get(), ownFd)) {
          return process(Long.parseLong(process.getFileName().toString()));
        }
      }
    } catch (IOException noProc) {
      // Then it cannot be named.
    }
    return "another process";
  }

  private static boolean holds(Path process, Stat wanted, int ownFd) {
    Path own = PROC.resolve(ProcessHandle.current().pid() + "/fd/" + ownFd);
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (!descriptor.equals(own)
            && Stat.of(descriptor.toString()).filter(wanted::sameFile).isPresent()
            && (wanted.blockDevice() || locks(process, descriptor.getFileName()))) {
          return true;
        }
      }
    } catch (IOException notAllowed) {
      // Another user's process, which root sees and others do not, or one that ended just now.
    }
    return false;
  }

  private static boolean locks(Path process, Path descriptor) {
    try {
      return Files.readString(process.resolve("fdinfo").resolve(descriptor)).contains("\nlock:");
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  private static Optional<String> mountOf(long device) {
    String field = " %d:%d ".formatted(device >>> 32, device & 0xffff_ffffL);
    try {
      return Files.readString(PROC.resolve("self/mountinfo"))
          .lines()
          .filter(line -> line.contains(field))
          .map(line -> line.split(" ")[4])
          .findFirst();
    } catch (IOException noProc) {
      return Optional.empty();
    }
  }
}
