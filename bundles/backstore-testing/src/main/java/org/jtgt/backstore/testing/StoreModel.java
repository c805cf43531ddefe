// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;

/**
 * The simplest store that is right, an array, and random operations that are done to it and to the
 * store under test. Every read must answer what the array holds.
 */
public final class StoreModel {
  private static final int MAX_BYTES = 1 << 18;

  private final Backstore store;
  private final Random random;
  private final long from;
  private final byte[] expected;
  private final int blockBytes;
  private final String trace;

  /** A model of a store whose content now is all zeros. */
  public StoreModel(Backstore store, long seed) {
    this(store, seed, 0, new byte[Math.toIntExact(store.sizeBytes())]);
  }

  /**
   * A model of a part of a store.
   *
   * @param from where the part begins, at a block
   * @param content what it holds now; becomes the model's
   */
  StoreModel(Backstore store, long seed, long from, byte[] content) {
    this.store = store;
    this.random = new Random(seed);
    this.from = from;
    this.expected = content;
    this.blockBytes = store.blockBytes();
    this.trace = "seed " + seed + ", step ";
  }

  /** Does a number of random operations and compares everything at the end. */
  public void run(int steps) throws IOException {
    for (int step = 0; step < steps; step++) {
      try {
        step();
      } catch (IOException | RuntimeException | AssertionError failure) {
        throw new AssertionError(trace + step + ": " + failure.getMessage(), failure);
      }
    }
    compareAll();
  }

  /** Compares the whole store with the model, and its allocation map where it has one. */
  public void compareAll() throws IOException {
    compare(0, expected.length);
    AllocationMap map = store.adapt(AllocationMap.class).orElse(null);
    for (int at = 0; map != null && at < expected.length; ) {
      AllocationMap.Extent extent = map.extentAt(from + at);
      long length = extent.lengthBytes();
      Trial.expect(
          length > 0 && length % blockBytes == 0 && length <= store.sizeBytes() - from - at,
          "the extent at %d has %d bytes",
          from + at,
          length);
      int end = (int) Math.min(expected.length, at + length);
      for (int hole = at; !extent.mapped() && hole < end; hole++) {
        Trial.expect(expected[hole] == 0, "byte %d is said to be unmapped", from + hole);
      }
      at = end;
    }
  }

  private void step() throws IOException {
    int offset = random.nextInt(expected.length / blockBytes) * blockBytes;
    int most = Math.min(MAX_BYTES, expected.length - offset) / blockBytes;
    // Short transfers as often as long ones, and now and then a stretch for many whole chunks.
    int blocks = 1 + random.nextInt(random.nextBoolean() ? Math.min(8, most) : most);
    int length = blocks * blockBytes;
    boolean forceUnitAccess = random.nextInt(4) == 0;
    switch (store.readOnly() ? 4 : random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        byte[] data = new byte[length];
        random.nextBytes(data);
        System.arraycopy(data, 0, expected, offset, length);
        TestIo.write(from + offset, forceUnitAccess, scatter(ByteBuffer.wrap(data), true))
            .run(store);
      }
      case 4, 5, 6 -> compare(offset, length);
      case 7 -> {
        boolean mayUnmap = random.nextBoolean();
        Arrays.fill(expected, offset, offset + length, (byte) 0);
        TestIo.writeZeroes(from + offset, length, forceUnitAccess, mayUnmap).run(store);
      }
      case 8 -> {
        if (store.unmapGranularityBytes() > 0) {
          Arrays.fill(expected, offset, offset + length, (byte) 0);
          TestIo.unmap(from + offset, length, forceUnitAccess).run(store);
        }
      }
      default -> TestIo.flush().run(store);
    }
  }

  private void compare(int offset, int length) throws IOException {
    byte[] noise = new byte[length];
    Arrays.fill(noise, (byte) 0x5a);
    ByteBuffer[] targets = scatter(ByteBuffer.wrap(noise), false);
    List<ByteBuffer> views = new ArrayList<>();
    for (ByteBuffer target : targets) {
      views.add(target.duplicate());
    }
    TestIo.read(from + offset, targets).run(store);
    ByteBuffer found = ByteBuffer.allocate(length);
    views.forEach(found::put);
    int wrong = Arrays.mismatch(found.array(), 0, length, expected, offset, offset + length);
    Trial.expect(
        wrong < 0, "of %d bytes read at %d, byte %d is wrong", length, from + offset, wrong);
  }

  /** Cuts bytes into buffers with odd positions, limits and lengths, direct and not, some empty. */
  private ByteBuffer[] scatter(ByteBuffer all, boolean mayBeReadOnly) {
    List<ByteBuffer> parts = new ArrayList<>();
    while (all.hasRemaining()) {
      int part =
          random.nextInt(3) == 0
              ? all.remaining()
              : random.nextInt(Math.min(20_000, all.remaining()) + 1);
      int before = random.nextInt(64);
      ByteBuffer buffer =
          random.nextInt(8) == 0
              ? ByteBuffer.allocate(before + part + 16)
              : ByteBuffer.allocateDirect(before + part + 16);
      buffer.position(before).limit(before + part);
      buffer.put(buffer.position(), all, all.position(), part);
      all.position(all.position() + part);
      parts.add(mayBeReadOnly && random.nextBoolean() ? buffer.asReadOnlyBuffer() : buffer);
    }
    return parts.toArray(ByteBuffer[]::new);
  }
}
