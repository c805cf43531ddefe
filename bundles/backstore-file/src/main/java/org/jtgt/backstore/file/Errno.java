// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The numbers by which Linux tells why a call failed (errno(3)). */
final class Errno {
  static final int EPERM = 1;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int ESTALE = 116;
  static final int EDQUOT = 122;

  private Errno() {}

  /** Bound on the first failure only. */
  private static final class Words {
    static final MethodHandle STRERROR =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  }

  /** The system's words for one of them. */
  static String message(int errno) {
    try {
      MemorySegment text = (MemorySegment) Words.STRERROR.invokeExact(errno);
      return text.reinterpret(256).getString(0);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
