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

  /** Whoever else has a regular file locked, or a block device open. */
  static String find(Path file, boolean blockDevice) {
    if (blockDevice) {
      Optional<String> mount = mountOf(file);
      if (mount.isPresent()) {
        return "a file system mounted on " + mount.get();
      }
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, file, blockDevice)) {
          return process(Long.parseLong(process.getFileName().toString()));
        }
      }
    } catch (IOException noProc) {
      // Then it cannot be named.
    }
    return "another process";
  }

  private static boolean holds(Path process, Path file, boolean blockDevice) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        try {
          if (Files.isSameFile(descriptor, file)
              && (blockDevice || locks(process, descriptor.getFileName()))) {
            return true;
          }
        } catch (IOException closedMeanwhile) {
          continue;
        }
      }
    } catch (IOException notAllowed) {
      // Another user's process: root sees it, others do not.
    }
    return false;
  }

  private static boolean locks(Path process, Path descriptor) throws IOException {
    return Files.readString(process.resolve("fdinfo").resolve(descriptor)).contains("\nlock:");
  }

  private static Optional<String> mountOf(Path device) {
    try {
      Object rdev = Files.getAttribute(device, "unix:rdev");
      long number = ((Number) rdev).longValue();
      // The layout of glibc's dev_t.
      long major = (number >>> 8 & 0xfff) | (number >>> 32 & ~0xfffL);
      long minor = (number & 0xff) | (number >>> 12 & ~0xffL);
      String field = " %d:%d ".formatted(major, minor);
      return Files.readString(PROC.resolve("self/mountinfo"))
          .lines()
          .filter(line -> line.contains(field))
          .map(line -> line.split(" ")[4])
          .findFirst();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }
}
