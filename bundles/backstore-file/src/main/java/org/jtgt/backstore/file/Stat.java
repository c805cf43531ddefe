// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What statx(2) tells of a file. */
record Stat(
    int mode, int links, long inode, long sizeBytes, long blocks512, int blockBytes, long device) {
  private static final int TYPE = 0xf000;
  private static final int BLOCK_DEVICE = 0x6000;
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final NativeCall STATX = NativeCall.answeringInt("statx");

  /**
   * An open file.
   *
   * @throws IllegalStateException when the descriptor is not open, a mistake of the caller
   */
  static Stat of(int fd) {
    return of(fd, "", AT_EMPTY_PATH)
        .orElseThrow(() -> new IllegalStateException("statx of descriptor " + fd));
  }

  /**
   * What stands at a path, when something does. Unlike opening and closing it, this leaves locks
   * that other code of this process holds by fcntl(2) alone.
   */
  static Optional<Stat> of(String path) {
    return of(AT_FDCWD, path, 0);
  }

  private static Optional<Stat> of(int fd, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      MemorySegment stat = arena.allocate(256, 8);
      long result = STATX.call(fd, name.address(), flags, STATX_BASIC_STATS, stat.address());
      return result < 0 ? Optional.empty() : Optional.of(of(stat));
    }
  }

  /** A struct statx. */
  private static Stat of(MemorySegment stat) {
    int mode = Short.toUnsignedInt(stat.get(JAVA_SHORT, 28));
    // Of a device its own number, of a file that of the device that holds it.
    int device = (mode & TYPE) == BLOCK_DEVICE ? 128 : 136;
    return new Stat(
        mode,
        stat.get(JAVA_INT, 16),
        stat.get(JAVA_LONG, 32),
        stat.get(JAVA_LONG, 40),
        stat.get(JAVA_LONG, 48),
        stat.get(JAVA_INT, 4),
        (long) stat.get(JAVA_INT, device) << 32 | stat.get(JAVA_INT, device + 4));
  }

  boolean blockDevice() {
    return (mode & TYPE) == BLOCK_DEVICE;
  }

  boolean sameFile(Stat other) {
    return blockDevice() == other.blockDevice()
        && device == other.device
        && (blockDevice() || inode == other.inode);
  }
}
