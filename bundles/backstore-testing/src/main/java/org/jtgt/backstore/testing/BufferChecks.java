// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.backstore.testing.StoreContract.Check;

/** The buffers are the caller's: what a store may do with them, and for how long. */
final class BufferChecks {
  private static final byte UNTOUCHED = 0x5a;

  private BufferChecks() {}

  static List<Check> all() {
    return List.of(
        always(
            "a read fills its buffers to the last byte and nothing beside them",
            trial -> {
              WatchedStore store = trial.open();
              int bytes = Math.min(trial.depth(store), 4 * store.blockBytes());
              byte[] expected = TestIo.bytes(store, 0, bytes);
              for (int cut : cuts(bytes)) {
                readCut(store, expected, cut);
              }
            }),
        always(
            "buffers meet anywhere, and only as many as bufferCount says count",
            trial -> {
              WatchedStore store = trial.openKeeping();
              int bytes = Math.min(trial.depth(store), 4 * store.blockBytes());
              byte[] written = pattern(bytes, 5);
              for (int cut : cuts(bytes)) {
                TestIo.put(store, 0, new byte[bytes]);
                ByteBuffer[] parts = {
                  TestIo.direct(Arrays.copyOf(written, cut)),
                  ByteBuffer.allocateDirect(0),
                  TestIo.direct(Arrays.copyOfRange(written, cut, bytes)).asReadOnlyBuffer(),
                  ByteBuffer.allocateDirect(0)
                };
                TestIo.ofFirst(Operation.WRITE, 0, 3, parts).run(store);
                expectBytes(store, 0, written, "written in two parts, the first of " + cut);
              }
            }),
        always(
            "a write leaves its buffers as they are",
            trial -> {
              WatchedStore store = trial.openWritable();
              byte[] written = pattern(Math.min(trial.depth(store), 1 << 18), 6);
              ByteBuffer source = TestIo.direct(written);
              ByteBuffer view = source.duplicate();
              TestIo.write(0, true, source).run(store);
              expect(view.equals(ByteBuffer.wrap(written)), "the written bytes have changed");
            }),
        always("buffers are the caller's again after completion", BufferChecks::released));
  }

  /** Odd places, so that neither a block nor a word begins there. */
  private static int[] cuts(int bytes) {
    return new int[] {1, 13, bytes / 2 - 1, bytes - 1};
  }

  private static void readCut(WatchedStore store, byte[] expected, int cut) throws Exception {
    int bytes = expected.length;
    ByteBuffer first = untouched(cut + 32).position(16).limit(16 + cut);
    ByteBuffer second = untouched(bytes - cut + 32).position(16).limit(16 + bytes - cut);
    ByteBuffer beside = untouched(16).limit(0);
    TestIo.ofFirst(Operation.READ, 0, 2, first.duplicate(), second.duplicate(), beside.duplicate())
        .run(store);
    byte[] found = new byte[bytes];
    first.get(16, found, 0, cut);
    second.get(16, found, cut, bytes - cut);
    int wrong = Arrays.mismatch(found, expected);
    expect(wrong < 0, "cut at %d: byte %d is wrong", cut, wrong);
    for (ByteBuffer buffer : List.of(first, second)) {
      int end = buffer.limit();
      buffer.clear();
      for (int i = 0; i < 16; i++) {
        expect(
            buffer.get(i) == UNTOUCHED && buffer.get(end + i) == UNTOUCHED,
            "cut at %d: bytes outside of position and limit have changed",
            cut);
      }
    }
  }

  private static ByteBuffer untouched(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    while (buffer.hasRemaining()) {
      buffer.put(UNTOUCHED);
    }
    return buffer.flip();
  }

  private static void released(Trial trial) throws Exception {
    WatchedStore store = trial.openKeeping();
    int bytes = Math.min(trial.depth(store) / 4, 1 << 16) / store.blockBytes() * store.blockBytes();
    if (bytes == 0) {
      throw new NotApplicableException("it has fewer than four blocks");
    }
    List<ByteBuffer> targets = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ByteBuffer source = TestIo.direct(pattern(bytes, i));
      ByteBuffer view = source.duplicate();
      TestIo.write((long) i * bytes, false, source).run(store);
      view.put(new byte[bytes]);
      ByteBuffer target = ByteBuffer.allocateDirect(bytes);
      TestIo.read((long) i * bytes, target.duplicate()).run(store);
      targets.add(target.put(0, untouched(bytes), 0, bytes));
    }
    TestIo.flush().run(store);
    for (int i = 0; i < 4; i++) {
      expectBytes(store, (long) i * bytes, pattern(bytes, i), "its source has changed since");
    }
    for (ByteBuffer target : targets) {
      expect(target.equals(untouched(bytes)), "a buffer was written to after its read had ended");
    }
  }
}
