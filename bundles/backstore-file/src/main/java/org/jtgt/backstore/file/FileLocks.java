// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/** The locks that keep two processes from using one file. */
final class FileLocks {
  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;
  private static final NativeCall FCNTL = NativeCall.variadic("fcntl");

  private FileLocks() {}

  /** Bound by readers only. */
  private static final class Readers {
    static final NativeCall FLOCK = NativeCall.answeringInt("flock");
  }

  /**
   * Takes an open-file-description lock on the whole file. Unlike the locks of FileChannel it is
   * not lost when any code of this process closes the file elsewhere.
   *
   * @param write whether no other lock may stand beside it; needs a descriptor for writing
   * @return 0, or {@code -EAGAIN} when another holds a lock that conflicts
   */
  static long take(int fd, boolean write) {
    return FCNTL.call(fd, F_OFD_SETLK, structure(write).address(), 0, 0);
  }

  /**
   * Takes a lock by flock(2), which one can have alone on a descriptor for reading too.
   *
   * @return 0, or {@code -EAGAIN} when another holds one that conflicts
   */
  static long takeAmongReaders(int fd, boolean alone) {
    return Readers.FLOCK.call(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB, 0, 0, 0);
  }

  /** The process whose lock conflicts; 0 or less when none is known by its number. */
  static int holder(int fd, boolean write) {
    MemorySegment lock = structure(write);
    long result = FCNTL.call(fd, F_OFD_GETLK, lock.address(), 0, 0);
    boolean found = result == 0 && lock.get(JAVA_SHORT, 0) != F_UNLCK;
    // A lock like ours names no process: its number is -1.
    return found ? Math.max(0, lock.get(JAVA_INT, 24)) : 0;
  }

  /** struct flock of 64-bit Linux: short type, whence; long start, length; int pid. */
  private static MemorySegment structure(boolean write) {
    MemorySegment lock = Scratch.get()[Scratch.SMALL].fill((byte) 0);
    lock.set(JAVA_SHORT, 0, write ? F_WRLCK : F_RDLCK);
    return lock;
  }
}
