// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * One PDU as it stands on the wire (RFC 7143 11.1): a 48-byte basic header segment, additional
 * header segments and a data segment. Immutable; the {@code with} methods answer changed copies.
 *
 * <p>Setting AHS or data sets the length field that counts them. A test that wants a wrong length
 * writes the length field afterwards.
 */
public final class Pdu {
  /** Bytes of a basic header segment. */
  public static final int BHS_BYTES = 48;

  /** The reserved tag of RFC 7143 11.2.1.8 and others, as a field value. */
  public static final long NO_TAG = 0xffffffffL;

  private final byte[] bhs;
  private final byte[] ahs;
  private final byte[] data;

  private Pdu(byte[] bhs, byte[] ahs, byte[] data) {
    this.bhs = bhs;
    this.ahs = ahs;
    this.data = data;
  }

  /** A PDU of this opcode (0..63) whose other bits are all zero. */
  public static Pdu of(int opcode) {
    return new Pdu(new byte[BHS_BYTES], new byte[0], new byte[0]).with(Field.OPCODE, opcode);
  }

  /** A PDU from its three segments, taken as they are: the length fields may disagree. */
  public static Pdu of(byte[] bhs, byte[] ahs, byte[] data) {
    if (bhs.length != BHS_BYTES) {
      throw new IllegalArgumentException("BHS of " + bhs.length + " bytes, not 48");
    }
    return new Pdu(bhs.clone(), ahs.clone(), data.clone());
  }

  /** A PDU that is only a BHS, written in hexadecimal; white space is ignored. */
  public static Pdu ofHex(String bhs) {
    return of(HexFormat.of().parseHex(bhs.replaceAll("\\s", "")), new byte[0], new byte[0]);
  }

  public int opcode() {
    return (int) get(Field.OPCODE);
  }

  /** The field's value, unsigned; see {@link #getInt} for serial numbers and tags. */
  public long get(Field field) {
    return field.get(bhs);
  }

  /** The lowest 32 bits of the field, as an int. */
  public int getInt(Field field) {
    return (int) field.get(bhs);
  }

  /** Whether a one-bit field is set. */
  public boolean is(Field bit) {
    return bit.get(bhs) != 0;
  }

  public Pdu with(Field field, long value) {
    byte[] copy = bhs.clone();
    field.put(copy, value);
    return new Pdu(copy, ahs, data);
  }

  public Pdu with(Field bit, boolean value) {
    return with(bit, value ? 1 : 0);
  }

  /** Replaces BHS bytes from {@code offset}, for example a CDB at 32. */
  public Pdu withBytes(int offset, byte[] bytes) {
    byte[] copy = bhs.clone();
    System.arraycopy(bytes, 0, copy, offset, bytes.length);
    return new Pdu(copy, ahs, data);
  }

  /** Replaces the data segment and DataSegmentLength (only its lowest 24 bits fit). */
  public Pdu withData(byte[] data) {
    return new Pdu(bhs, ahs, data.clone()).with(Field.DATA_SEGMENT_LENGTH, data.length);
  }

  /**
   * Replaces the additional header segments, already padded to words, and TotalAHSLength.
   *
   * @throws IllegalArgumentException if the length is no multiple of four
   */
  public Pdu withAhs(byte[] ahs) {
    if (ahs.length % 4 != 0) {
      throw new IllegalArgumentException("AHS of " + ahs.length + " bytes is not whole words");
    }
    return new Pdu(bhs, ahs.clone(), data).with(Field.TOTAL_AHS_LENGTH, ahs.length / 4);
  }

  public byte[] bhs() {
    return bhs.clone();
  }

  /** {@code length} BHS bytes from {@code offset}. */
  public byte[] bytes(int offset, int length) {
    return Arrays.copyOfRange(bhs, offset, offset + length);
  }

  public byte[] ahs() {
    return ahs.clone();
  }

  public byte[] data() {
    return data.clone();
  }

  public int dataBytes() {
    return data.length;
  }

  /** BHS and AHS, what the header digest covers (RFC 7143 11.2.3) and what a Reject returns. */
  public byte[] header() {
    byte[] header = Arrays.copyOf(bhs, BHS_BYTES + ahs.length);
    System.arraycopy(ahs, 0, header, BHS_BYTES, ahs.length);
    return header;
  }

  /** Bytes on the wire, data padding and the digests that {@code digests} asks for included. */
  public int wireBytes(Digests digests) {
    int bytes = BHS_BYTES + ahs.length + (digests.header() ? 4 : 0) + padded(data.length);
    return bytes + (digests.data() && data.length > 0 ? 4 : 0);
  }

  /** Appends this PDU to a buffer with at least {@link #wireBytes} remaining. */
  public void encode(ByteBuffer target, Digests digests) {
    target.put(bhs).put(ahs);
    if (digests.header()) {
      target.put(Digests.crc32c(header()));
    }
    if (data.length > 0) {
      byte[] segment = Arrays.copyOf(data, padded(data.length));
      target.put(segment);
      if (digests.data()) {
        target.put(Digests.crc32c(segment));
      }
    }
  }

  /** This PDU as it stands on the wire. */
  public byte[] encode(Digests digests) {
    ByteBuffer buffer = ByteBuffer.allocate(wireBytes(digests));
    encode(buffer, digests);
    return buffer.array();
  }

  /** A segment length rounded up to whole four-byte words (RFC 7143 11.2.3). */
  static int padded(int bytes) {
    return bytes + 3 & ~3;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pdu pdu
        && Arrays.equals(bhs, pdu.bhs)
        && Arrays.equals(ahs, pdu.ahs)
        && Arrays.equals(data, pdu.data);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(bhs) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return Opcode.name(opcode())
        + " ["
        + HexFormat.ofDelimiter(" ").formatHex(bhs)
        + (ahs.length > 0 ? " | AHS " + HexFormat.of().formatHex(ahs) : "")
        + "] + "
        + data.length
        + " bytes";
  }
}
