// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What Linux tells of block devices in {@code /sys/dev/block/MAJOR:MINOR}. */
final class BlockDevices {
  private static final Path SYS = Path.of("/sys/dev/block");

  private BlockDevices() {}

  /** Folder of a device; {@code device} is its number as {@link Stat#device()} gives it. */
  private static Path folder(long device) {
    return SYS.resolve((device >>> 32) + ":" + (device & 0xffff_ffffL));
  }

  /** Bytes at which it punches holes that read as zeros; 0 when it cannot. */
  static int unmapGranularityBytes(long device, int blockBytes) {
    if (number(device, "queue/write_zeroes_max_bytes") <= 0
        || number(device, "queue/discard_max_bytes") <= 0) {
      return 0;
    }
    return (int)
        Math.max(blockBytes, Math.min(number(device, "queue/discard_granularity"), 1 << 30));
  }

  /** Whether it is known to have seek costs; also for the device below a file system. */
  static boolean rotational(long device) {
    return number(device, "queue/rotational") == 1;
  }

  /** A name that belongs to the device wherever it is plugged in. */
  static Optional<String> identity(long device) {
    Path folder = folder(device);
    for (String file :
        List.of("wwid", "device/wwid", "serial", "device/serial", "dm/uuid", "md/uuid")) {
      Optional<String> found = text(folder.resolve(file));
      if (found.isPresent()) {
        return found;
      }
    }
    // A partition: a folder below its disk's.
    Optional<String> partition = text(folder.resolve("partition"));
    if (partition.isPresent()) {
      try {
        Optional<String> disk = text(folder.toRealPath().resolveSibling("dev"));
        return disk.flatMap(BlockDevices::identityOf).map(id -> id + "-part" + partition.get());
      } catch (IOException gone) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Optional<String> identityOf(String majorMinor) {
    int colon = majorMinor.indexOf(':');
    return identity(
        Long.parseLong(majorMinor.substring(0, colon)) << 32
            | Long.parseLong(majorMinor.substring(colon + 1)));
  }

  private static long number(long device, String file) {
    // The queue of a partition is its disk's.
    for (String name : List.of(file, "../" + file)) {
      Optional<String> found = text(folder(device).resolve(name));
      if (found.isPresent() && found.get().matches("\\d{1,18}")) {
        return Long.parseLong(found.get());
      }
    }
    return -1;
  }

  private static Optional<String> text(Path file) {
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (IOException unknown) {
      return Optional.empty();
    }
  }
}
