// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;

/** Two units with a store each, and lists that copy between them. */
abstract class CopyFixture {
  static final int BLOCKS = 8000;

  final Bench bench = new Bench();
  final MemoryStore store = new MemoryStore(BLOCKS * 512);
  final MemoryStore otherStore = new MemoryStore(BLOCKS * 512);

  CopyFixture() {
    bench.serveTwo(store, otherStore);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  static byte[] cscd(long naa) {
    ByteBuffer out = ByteBuffer.allocate(32);
    out.put(0, (byte) 0xE4).put(4, (byte) 1).put(5, (byte) 3).put(7, (byte) 8).putLong(8, naa);
    return out.putInt(28, 512).array();
  }

  static byte[] segment(int from, int to, int blocks, long fromLba, long toLba) {
    ByteBuffer out = ByteBuffer.allocate(28);
    out.put(0, (byte) 0x02).putShort(2, (short) 24);
    out.putShort(4, (short) from).putShort(6, (short) to).putShort(10, (short) blocks);
    return out.putLong(12, fromLba).putLong(20, toLba).array();
  }

  /** A parameter list of EXTENDED COPY(LID1) with disk0 as 0 and disk1 as 1. */
  static byte[] lid1(int listIdentifier, byte[]... segments) {
    int bytes = Arrays.stream(segments).mapToInt(segment -> segment.length).sum();
    ByteBuffer out = ByteBuffer.allocate(16 + 64 + bytes);
    out.put((byte) listIdentifier).put((byte) 0).putShort((short) 64);
    out.putInt(8, bytes).position(16);
    out.put(cscd(Bench.NAA)).put(cscd(Bench.OTHER_NAA));
    for (byte[] segment : segments) {
      out.put(segment);
    }
    return out.array();
  }

  FakeCommand copy(byte[] list) {
    return bench.run(
        FakeCommand.of("83 00 00000000 00000000 %08X 00 00".formatted(list.length)).sends(list));
  }
}
