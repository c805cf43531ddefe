// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.pdu;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PduFramerTest {
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private final List<String> events = new ArrayList<>();
  private final List<byte[]> data = new ArrayList<>();
  private final PduFramer framer =
      new PduFramer(
          memory,
          new PduFramer.Sink() {
            @Override
            public void pdu(Bhs header, ByteBuf segment) {
              byte[] bytes = new byte[segment.readableBytes()];
              segment.readBytes(bytes).release();
              data.add(bytes);
              events.add("pdu " + header.initiatorTaskTag());
            }

            @Override
            public void dataDigestError(Bhs header) {
              events.add("digest " + header.initiatorTaskTag());
            }

            @Override
            public void framingError(String reason) {
              events.add(reason);
            }
          },
          1 << 20);

  @AfterEach
  void nothingIsLeftUnreleased() {
    framer.close();
    assertThat(memory.metric().usedDirectMemory()).isZero();
  }

  private static byte[] pdu(int tag, byte[] segment, boolean headerDigest, boolean dataDigest) {
    int padded = (segment.length + 3) & ~3;
    int trailer = dataDigest && padded > 0 ? 4 : 0;
    ByteBuffer out = ByteBuffer.allocate(48 + (headerDigest ? 4 : 0) + padded + trailer);
    out.putInt(4, segment.length).putInt(16, tag).position(48);
    if (headerDigest) {
      out.putInt(Integer.reverseBytes(crc(out.array(), 0, 48)));
    }
    int at = out.position();
    out.put(segment).position(at + padded);
    if (trailer > 0) {
      out.putInt(Integer.reverseBytes(crc(out.array(), at, padded)));
    }
    return out.array();
  }

  private static int crc(byte[] bytes, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, at, length);
    return (int) crc.getValue();
  }

  private static byte[] bytes(int count) {
    byte[] all = new byte[count];
    for (int i = 0; i < count; i++) {
      all[i] = (byte) (i * 7 + i / 251);
    }
    return all;
  }

  private void feed(byte[] stream, int step) {
    for (int at = 0; at < stream.length; ) {
      ByteBuf buffer = framer.nextBuffer(step);
      int part = Math.min(Math.min(step, buffer.writableBytes()), stream.length - at);
      buffer.writeBytes(stream, at, part);
      framer.receive(buffer);
      at += part;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 47, 48, 49, 100, 4096, 70_000, 300_000})
  void pdusAreTheSameHoweverTheStreamIsCut(int step) {
    byte[] large = bytes(200_001);
    ByteBuffer stream = ByteBuffer.allocate(400_000);
    stream.put(pdu(1, new byte[0], false, false));
    stream.put(pdu(2, bytes(5), false, false));
    stream.put(pdu(3, large, false, false));
    stream.put(pdu(4, bytes(4096), false, false));
    feed(Arrays.copyOf(stream.array(), stream.position()), step);

    assertThat(events).containsExactly("pdu 1", "pdu 2", "pdu 3", "pdu 4");
    assertThat(data.get(1)).isEqualTo(bytes(5));
    assertThat(data.get(2)).isEqualTo(large);
    assertThat(data.get(3)).isEqualTo(bytes(4096));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50, 4096, 300_000})
  void digestsAreCheckedAndStripped_13_1(int step) {
    framer.configure(true, true, 1 << 20);
    ByteBuffer stream = ByteBuffer.allocate(400_000);
    stream.put(pdu(1, bytes(5), true, true));
    stream.put(pdu(2, new byte[0], true, true));
    stream.put(pdu(3, bytes(100_002), true, true));
    feed(Arrays.copyOf(stream.array(), stream.position()), step);

    assertThat(events).containsExactly("pdu 1", "pdu 2", "pdu 3");
    assertThat(data.get(2)).isEqualTo(bytes(100_002));
  }

  @Test
  void theDigestOf32ZerosIsThatOfTheRfc_A_4() {
    assertThat(new Digest().of(new byte[32], 32)).isEqualTo(0x8a9136aa);
  }

  @ParameterizedTest
  @ValueSource(ints = {30_000, 300_000})
  void aWrongDataDigestIsReportedAndTheStreamGoesOn_7_8(int step) {
    framer.configure(true, true, 1 << 20);
    byte[] bad = pdu(1, bytes(100_000), true, true);
    bad[1000] ^= 1;
    feed(bad, step);
    feed(pdu(2, bytes(4), true, true), step);

    assertThat(events).containsExactly("digest 1", "pdu 2");
  }

  @Test
  void aWrongHeaderDigestEndsTheStream_7_8() {
    framer.configure(true, false, 1 << 20);
    byte[] bad = pdu(1, bytes(8), true, false);
    bad[17] ^= 1;
    feed(bad, 1000);
    feed(pdu(2, bytes(4), true, false), 1000);

    assertThat(events).containsExactly("header digest error");
  }

  @Test
  void aDataSegmentOverTheDeclaredLengthEndsTheStream_7_7() {
    framer.maxDataSegmentLength(8192);
    feed(pdu(1, bytes(8192), false, false), 10_000);
    feed(pdu(2, bytes(8193), false, false), 10_000);

    assertThat(events).containsExactly("pdu 1", "data segment of 8193 bytes, allowed 8192");
  }

  @Test
  void anExtendedCdbAndABidirectionalLengthAreReadFromTheirAhs_11_2_2() {
    byte[] head = new byte[48 + 12 + 8];
    ByteBuffer out = ByteBuffer.wrap(head);
    out.put(4, (byte) 5).put(32, (byte) 0x7f);
    out.putShort(48, (short) 9).put(50, (byte) 1).put(52, (byte) 0xaa).put(59, (byte) 0xbb);
    out.putShort(60, (short) 5).put(62, (byte) 2).putInt(64, 4096);
    Bhs header = Bhs.of(head);

    assertThat(header.ahsWellFormed()).isTrue();
    assertThat(header.extendedCdb()).hasSize(24).startsWith(0x7f).endsWith(0xbb);
    assertThat(header.bidirectionalReadLength()).isEqualTo(4096);
  }

  @Test
  void anAhsThatDoesNotFillItsLengthIsMalformed_11_2_2() {
    byte[] head = new byte[48 + 8];
    ByteBuffer.wrap(head).put(4, (byte) 2).putShort(48, (short) 200).put(50, (byte) 1);

    assertThat(Bhs.of(head).ahsWellFormed()).isFalse();
  }
}
