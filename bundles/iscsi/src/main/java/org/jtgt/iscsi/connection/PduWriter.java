// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.Digest;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.pdu.TargetPdu;

/**
 * Writes the PDUs of one connection: sequence numbers, padding, digests. A PDU is one buffer:
 * header, header digest, data, padding, data digest (RFC 7143 11.2).
 *
 * <p>Thread rules: the loop; {@link #allocate}, {@link #headRoom} by any thread in full feature
 * phase.
 */
final class PduWriter {
  // What is not kept back for the sake of a batch: an initiator that sends as answers come goes on
  // with the first ones while the rest of its commands is served.
  private static final int BATCH_BYTES = 256 * 1024;
  private static final int BATCH_ANSWERS = 16;

  private final Wire wire;
  private final Digest digest = new Digest();
  private SequenceNumbers numbers;
  private int statSn;
  private boolean headerDigest;
  private boolean dataDigest;
  private int unflushedBytes;
  private int unflushedAnswers;
  private @Nullable KeptAnswers kept;

  PduWriter(Wire wire, SequenceNumbers numbers) {
    this.wire = wire;
    this.numbers = numbers;
  }

  /** The StatSN that the next response gets. */
  int statSn() {
    return statSn;
  }

  void startAt(int firstStatSn) {
    statSn = firstStatSn;
  }

  void numbers(SequenceNumbers source) {
    numbers = source;
  }

  /** Turns digests on, from the next PDU on. */
  void digests(boolean header, boolean data) {
    headerDigest = header;
    dataDigest = data;
  }

  /** Keeps every numbered response from now on (recovery level 1 and 2). */
  void keep(KeptAnswers answers) {
    kept = answers;
  }

  /** Bytes in front of the data segment. */
  int headRoom() {
    return Bhs.BYTES + (headerDigest ? Digest.BYTES : 0);
  }

  /** A buffer for a PDU; its data segment begins at {@link #headRoom}. */
  ByteBuf allocate(int dataBytes) {
    int padded = (dataBytes + 3) & ~3;
    int all = headRoom() + padded + (dataDigest && dataBytes > 0 ? Digest.BYTES : 0);
    ByteBuf pdu = wire.allocator().directBuffer(all, all);
    pdu.setZero(0, Bhs.BYTES);
    return pdu;
  }

  /** Sends a PDU that has no data segment. */
  void send(TargetPdu pdu) {
    send(pdu, new byte[0]);
  }

  /** Sends a PDU with a data segment. */
  void send(TargetPdu pdu, byte[] data) {
    ByteBuf out = allocate(data.length);
    pdu.encode(out, 0);
    out.setBytes(headRoom(), data);
    finish(out, data.length, pdu.advancesStatSn());
  }

  /** Sends a PDU with a data segment; the data stays the caller's. */
  void send(TargetPdu pdu, ByteBuf data, int bytes) {
    ByteBuf out = allocate(bytes);
    pdu.encode(out, 0);
    out.setBytes(headRoom(), data, data.readerIndex(), bytes);
    finish(out, bytes, pdu.advancesStatSn());
  }

  /** Sends an R2T (RFC 7143 11.8). */
  void sendR2t(
      long lun, int initiatorTaskTag, int transferTag, int r2tSn, int offset, int desired) {
    ByteBuf out = allocate(0);
    out.setByte(0, Opcode.R2T);
    out.setByte(1, 0x80);
    out.setLong(8, lun);
    out.setInt(16, initiatorTaskTag);
    out.setInt(20, transferTag);
    out.setInt(36, r2tSn);
    out.setInt(40, offset);
    out.setInt(44, desired);
    finish(out, 0, false);
  }

  /**
   * Sends a Data-In whose data already lies behind the head room (RFC 7143 11.7).
   *
   * @param flags byte 1: F, A, O, U, S
   * @param lun and the transfer tag: for a PDU with the A bit, else 0 and {@link Bhs#NO_TAG}
   */
  void sendDataIn(
      ByteBuf out,
      int bytes,
      int flags,
      long lun,
      int initiatorTaskTag,
      int transferTag,
      int dataSn,
      int offset,
      int residual) {
    boolean withStatus = (flags & 0x01) != 0;
    out.setByte(0, Opcode.SCSI_DATA_IN);
    out.setByte(1, flags);
    out.setByte(3, 0);
    out.setLong(8, lun);
    out.setInt(16, initiatorTaskTag);
    out.setInt(20, transferTag);
    out.setInt(36, dataSn);
    out.setInt(40, offset);
    out.setInt(44, residual);
    if (withStatus) {
      finish(out, bytes, true);
    } else {
      writeNumbers(out, 0);
      seal(out, bytes);
    }
  }

  /**
   * Sends a SCSI Response (RFC 7143 11.4).
   *
   * @param flags byte 1 without the top bit: o, u, O, U
   */
  void sendScsiResponse(
      int flags,
      int status,
      byte[] sense,
      int initiatorTaskTag,
      int snackTag,
      int expDataSn,
      int readResidual,
      int residual) {
    int bytes = sense.length == 0 ? 0 : sense.length + 2;
    ByteBuf out = allocate(bytes);
    out.setByte(0, Opcode.SCSI_RESPONSE);
    out.setByte(1, 0x80 | flags);
    out.setByte(3, status);
    out.setInt(16, initiatorTaskTag);
    out.setInt(20, snackTag);
    out.setInt(36, expDataSn);
    out.setInt(40, readResidual);
    out.setInt(44, residual);
    if (bytes > 0) {
      out.setShort(headRoom(), sense.length);
      out.setBytes(headRoom() + 2, sense);
    }
    finish(out, bytes, true);
  }

  /**
   * Sends a response again as it was, but for ExpCmdSN and MaxCmdSN (RFC 7143 11.16).
   *
   * @param pdu header and data segment
   */
  void sendAgain(byte[] pdu) {
    int bytes = pdu.length - Bhs.BYTES;
    ByteBuf out = allocate(bytes);
    out.setBytes(0, pdu, 0, Bhs.BYTES);
    out.setBytes(headRoom(), pdu, Bhs.BYTES, bytes);
    writeNumbers(out, out.getInt(24));
    seal(out, bytes);
  }

  /** Sends a response of another connection here, with a StatSN of this one (RFC 7143 7.2.2). */
  void sendAnew(byte[] pdu) {
    int bytes = pdu.length - Bhs.BYTES;
    ByteBuf out = allocate(bytes);
    out.setBytes(0, pdu, 0, Bhs.BYTES);
    out.setBytes(headRoom(), pdu, Bhs.BYTES, bytes);
    finish(out, bytes, true);
  }

  /**
   * Sends a Data-In PDU again as it was, but for ExpCmdSN and MaxCmdSN (RFC 7143 11.16).
   *
   * @param sealed the whole PDU, which may still be on its way out
   */
  void sendDataInAgain(ByteBuf sealed) {
    int bytes = sealed.getMedium(5);
    ByteBuf out = allocate(bytes);
    out.setBytes(0, sealed, 0, headRoom() + bytes);
    writeNumbers(out, 0);
    seal(out, bytes);
  }

  /** Flushes when something was written since the last time. */
  void flush() {
    if (unflushedBytes > 0) {
      unflushedBytes = 0;
      unflushedAnswers = 0;
      wire.flush();
    }
  }

  /** An answer is whole; flushes when much was written since the last time: within a batch. */
  void answered() {
    unflushedAnswers++;
    if (unflushedBytes >= BATCH_BYTES || unflushedAnswers >= BATCH_ANSWERS) {
      flush();
    }
  }

  /** Runs something when all that was written so far was sent or dropped. */
  void afterWrites(Runnable action) {
    wire.afterWrites(action);
  }

  private void finish(ByteBuf out, int dataBytes, boolean advances) {
    writeNumbers(out, statSn);
    if (advances) {
      KeptAnswers keeping = kept;
      if (keeping != null) {
        keeping.keep(new KeptAnswers.Answer(statSn, copy(out, dataBytes)));
      }
      statSn++;
    }
    seal(out, dataBytes);
  }

  private byte[] copy(ByteBuf out, int dataBytes) {
    byte[] pdu = new byte[Bhs.BYTES + dataBytes];
    out.setMedium(5, dataBytes);
    out.getBytes(0, pdu, 0, Bhs.BYTES);
    out.getBytes(headRoom(), pdu, Bhs.BYTES, dataBytes);
    return pdu;
  }

  private void writeNumbers(ByteBuf out, int statSnShown) {
    out.setInt(24, statSnShown);
    out.setInt(28, numbers.expCmdSn());
    out.setInt(32, numbers.maxCmdSn());
  }

  private void seal(ByteBuf out, int dataBytes) {
    out.setMedium(5, dataBytes);
    int end = headRoom();
    if (headerDigest) {
      out.setIntLE(Bhs.BYTES, digest.of(out, 0, Bhs.BYTES));
    }
    if (dataBytes > 0) {
      int padded = (dataBytes + 3) & ~3;
      for (int i = dataBytes; i < padded; i++) {
        out.setByte(end + i, 0);
      }
      if (dataDigest) {
        out.setIntLE(end + padded, digest.of(out, end, padded));
        end += Digest.BYTES;
      }
      end += padded;
    }
    out.setIndex(0, end);
    unflushedBytes += end;
    wire.write(out);
  }
}
