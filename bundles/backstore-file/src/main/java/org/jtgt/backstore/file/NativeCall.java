// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A function of the C library that takes up to five integers or addresses and answers an integer,
 * -1 with errno for a failure. Everything foreign of this bundle goes through it.
 *
 * <p>All have one shape, every argument a whole register and those that a function does not have
 * zero: the JVM spins code for each shape, which is dear when a daemon starts. A record, because
 * the compiler trusts its components to be constant; so a call in a loop costs what it does in C.
 *
 * <p>Calls are not interrupted by {@link Thread#interrupt()}, unlike those of a FileChannel, which
 * it closes.
 *
 * @param function the bound function
 * @param answersInt whether only the lower half of the answer counts
 */
record NativeCall(MethodHandle function, boolean answersInt) {
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /** A function that answers an int. */
  static NativeCall answeringInt(String name) {
    return new NativeCall(bind(name, Linker.Option.captureCallState("errno")), true);
  }

  /** A function that answers a long, ssize_t or off_t. */
  static NativeCall answeringLong(String name) {
    return new NativeCall(bind(name, Linker.Option.captureCallState("errno")), false);
  }

  /** A function that answers an int and takes anything from its third argument on. */
  static NativeCall variadic(String name) {
    return new NativeCall(
        bind(name, Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(2)),
        true);
  }

  private static MethodHandle bind(String name, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), SHAPE, options);
  }

  /** Calls, again and again while a signal interrupts it: the answer, or the negated errno. */
  long call(long a, long b, long c, long d, long e) {
    long result;
    do {
      result = callOnce(a, b, c, d, e);
    } while (result == -Errno.EINTR);
    return result;
  }

  /** Calls once: the answer, or the negated errno. */
  long callOnce(long a, long b, long c, long d, long e) {
    MemorySegment[] scratch = Scratch.get();
    long result;
    try {
      result = (long) function.invokeExact(scratch[Scratch.STATE], a, b, c, d, e);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
    long answer = answersInt ? (int) result : result;
    return answer == -1 ? -Scratch.errno(scratch) : answer;
  }
}
