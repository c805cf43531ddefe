// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** XTS of OpenSSL's libcrypto (EVP_aes_256_xts), by the foreign function API. */
final class OpenSslXts implements Xts {
  private static final int IV_BYTES = 16;
  private static final @Nullable Library LIBRARY = Library.load();

  private record Library(
      MethodHandle newContext,
      MethodHandle freeContext,
      MethodHandle init,
      MethodHandle update,
      MethodHandle aes128,
      MethodHandle aes256) {

    private static @Nullable Library load() {
      for (String name : new String[] {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"}) {
        try {
          SymbolLookup symbols = SymbolLookup.libraryLookup(name, Arena.global());
          return new Library(
              handle(symbols, "EVP_CIPHER_CTX_new", ADDRESS),
              handle(symbols, "EVP_CIPHER_CTX_free", null, ADDRESS),
              handle(
                  symbols,
                  "EVP_CipherInit_ex",
                  JAVA_INT,
                  ADDRESS,
                  ADDRESS,
                  ADDRESS,
                  ADDRESS,
                  ADDRESS,
                  JAVA_INT),
              handle(
                  symbols,
                  "EVP_CipherUpdate",
                  JAVA_INT,
                  ADDRESS,
                  ADDRESS,
                  ADDRESS,
                  ADDRESS,
                  JAVA_INT),
              handle(symbols, "EVP_aes_128_xts", ADDRESS),
              handle(symbols, "EVP_aes_256_xts", ADDRESS));
        } catch (IllegalArgumentException | java.util.NoSuchElementException notHere) {
          continue;
        }
      }
      return null;
    }

    private static MethodHandle handle(
        SymbolLookup symbols,
        String name,
        @Nullable MemoryLayout result,
        MemoryLayout... arguments) {
      return Linker.nativeLinker()
          .downcallHandle(
              symbols.findOrThrow(name),
              result == null
                  ? FunctionDescriptor.ofVoid(arguments)
                  : FunctionDescriptor.of(result, arguments));
    }
  }

  /** Two contexts of OpenSSL, one a direction, with the key in them; used by one thread a time. */
  private record Contexts(MemorySegment encrypt, MemorySegment decrypt) {}

  private final byte[] key;
  private final Library library;
  private final ConcurrentLinkedQueue<Contexts> idle = new ConcurrentLinkedQueue<>();

  /** Whether libcrypto is here. */
  static boolean available() {
    return LIBRARY != null;
  }

  OpenSslXts(byte[] key) {
    this.key = key.clone();
    Library loaded = LIBRARY;
    if (loaded == null) {
      throw new IllegalStateException("libcrypto is not here");
    }
    library = loaded;
  }

  @Override
  public void crypt(boolean encrypt, ByteBuffer data, int unitBytes, long firstUnit) {
    try (Arena arena = Arena.ofConfined()) {
      Contexts contexts = take();
      MemorySegment context = encrypt ? contexts.encrypt() : contexts.decrypt();
      MemorySegment iv = arena.allocate(IV_BYTES);
      MemorySegment written = arena.allocate(JAVA_INT);
      MemorySegment bytes = MemorySegment.ofBuffer(data);
      long number = firstUnit;
      for (long at = 0; at < bytes.byteSize(); at += unitBytes) {
        for (int i = 0; i < Long.BYTES; i++) {
          iv.set(JAVA_BYTE, i, (byte) (number >>> 8 * i));
        }
        number++;
        MemorySegment unit = bytes.asSlice(at, unitBytes);
        MemorySegment none = MemorySegment.NULL;
        check((int) library.init().invokeExact(context, none, none, none, iv, -1));
        check((int) library.update().invokeExact(context, unit, written, unit, unitBytes));
        if (written.get(JAVA_INT, 0) != unitBytes) {
          throw new IllegalStateException("libcrypto has done a part of a data unit only");
        }
      }
      idle.add(contexts);
    } catch (RuntimeException | Error bug) {
      throw bug;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Contexts take() throws Throwable {
    Contexts found = idle.poll();
    return found != null ? found : new Contexts(context(1), context(0));
  }

  private MemorySegment context(int encrypt) throws Throwable {
    MemorySegment made = (MemorySegment) library.newContext().invokeExact();
    if (made.equals(MemorySegment.NULL)) {
      throw new OutOfMemoryError("libcrypto has no memory for a context");
    }
    MemorySegment cipher =
        key.length == 64
            ? (MemorySegment) library.aes256().invokeExact()
            : (MemorySegment) library.aes128().invokeExact();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment secret = arena.allocate(key.length);
      MemorySegment.copy(key, 0, secret, JAVA_BYTE, 0, key.length);
      MemorySegment none = MemorySegment.NULL;
      check((int) library.init().invokeExact(made, cipher, none, secret, none, encrypt));
      secret.fill((byte) 0);
    }
    return made;
  }

  private static void check(int result) {
    if (result != 1) {
      throw new IllegalStateException("libcrypto refuses; equal halves of a key, perhaps");
    }
  }

  @Override
  public String provider() {
    return "OpenSSL";
  }

  @Override
  public void close() {
    Arrays.fill(key, (byte) 0);
    for (Contexts contexts; (contexts = idle.poll()) != null; ) {
      try {
        library.freeContext().invokeExact(contexts.encrypt());
        library.freeContext().invokeExact(contexts.decrypt());
      } catch (Throwable impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }
}
