// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * A SCSI command as a well-behaved initiator issues it. Immutable; the {@code with} methods answer
 * changed copies.
 *
 * @param cdb any length; beyond 16 bytes an Extended CDB AHS is built (RFC 7143 11.2.2.3)
 * @param dataOut the whole data-out buffer
 * @param dataInBytes size of the data-in buffer
 * @param immediate the I bit
 * @param immediateBytes immediate data to send; absent: as much as was negotiated
 * @param unsolicitedBytes immediate and unsolicited data together; absent: as much as was
 *     negotiated
 * @param answersR2t false leaves R2Ts in {@link ScsiTask#openR2ts} for the test to answer
 */
public record ScsiCommand(
    long lun,
    byte[] cdb,
    byte[] dataOut,
    int dataInBytes,
    int attribute,
    boolean immediate,
    OptionalInt immediateBytes,
    OptionalInt unsolicitedBytes,
    boolean answersR2t) {

  /** A command without data. */
  public static ScsiCommand none(long lun, byte[] cdb) {
    return in(lun, cdb, 0);
  }

  /** A command with a data-in buffer of {@code bytes}. */
  public static ScsiCommand in(long lun, byte[] cdb, int bytes) {
    return new ScsiCommand(
        lun,
        cdb,
        new byte[0],
        bytes,
        Attribute.SIMPLE,
        false,
        OptionalInt.empty(),
        OptionalInt.empty(),
        true);
  }

  /** A command with a data-out buffer. */
  public static ScsiCommand out(long lun, byte[] cdb, byte[] data) {
    return new ScsiCommand(
        lun, cdb, data, 0, Attribute.SIMPLE, false, OptionalInt.empty(), OptionalInt.empty(), true);
  }

  /** Adds a data-in buffer to a command with data-out: a bidirectional command. */
  public ScsiCommand withDataIn(int bytes) {
    return new ScsiCommand(
        lun,
        cdb,
        dataOut,
        bytes,
        attribute,
        immediate,
        immediateBytes,
        unsolicitedBytes,
        answersR2t);
  }

  /** Sets the task attribute, see {@link Attribute}. */
  public ScsiCommand withAttribute(int attribute) {
    return new ScsiCommand(
        lun,
        cdb,
        dataOut,
        dataInBytes,
        attribute,
        immediate,
        immediateBytes,
        unsolicitedBytes,
        answersR2t);
  }

  /** Sets the I bit: the command is outside the command window. */
  public ScsiCommand asImmediate() {
    return new ScsiCommand(
        lun,
        cdb,
        dataOut,
        dataInBytes,
        attribute,
        true,
        immediateBytes,
        unsolicitedBytes,
        answersR2t);
  }

  /** Sends this much immediate data and this much immediate plus unsolicited data. */
  public ScsiCommand withUnsolicited(int immediateBytes, int totalBytes) {
    return new ScsiCommand(
        lun,
        cdb,
        dataOut,
        dataInBytes,
        attribute,
        immediate,
        OptionalInt.of(immediateBytes),
        OptionalInt.of(totalBytes),
        answersR2t);
  }

  /** Leaves R2Ts to the test. */
  public ScsiCommand leavingR2ts() {
    return new ScsiCommand(
        lun,
        cdb,
        dataOut,
        dataInBytes,
        attribute,
        immediate,
        immediateBytes,
        unsolicitedBytes,
        false);
  }

  /** Immediate data under what was negotiated (RFC 7143 13.11, 13.14). */
  int immediateBytes(OperationalParameters negotiated) {
    if (immediateBytes.isPresent()) {
      return immediateBytes.getAsInt();
    }
    int most = Math.min(negotiated.firstBurst(), negotiated.targetMaxRecv());
    return negotiated.immediateData() ? Math.min(dataOut.length, most) : 0;
  }

  /** Immediate and unsolicited data under what was negotiated (RFC 7143 13.10, 13.14). */
  int unsolicitedBytes(OperationalParameters negotiated) {
    if (unsolicitedBytes.isPresent()) {
      return unsolicitedBytes.getAsInt();
    }
    return negotiated.initialR2t()
        ? immediateBytes(negotiated)
        : Math.min(dataOut.length, negotiated.firstBurst());
  }

  /** The SCSI Command PDU with {@code immediateData} bytes of data. */
  Request.Command request(int itt, int cmdSn, int expStatSn, int immediateData, boolean fin) {
    byte[] data = Arrays.copyOf(dataOut, immediateData);
    return new Request.Command(
        immediate,
        fin,
        dataInBytes > 0,
        dataOut.length > 0,
        attribute,
        lun,
        itt,
        dataOut.length > 0 ? dataOut.length : dataInBytes,
        cmdSn,
        expStatSn,
        Arrays.copyOf(cdb, 16),
        ahs(),
        data);
  }

  private byte[] ahs() {
    ByteBuffer ahs = ByteBuffer.allocate(512);
    if (cdb.length > 16) {
      ahs.putShort((short) (cdb.length - 15)).put((byte) 1).put((byte) 0);
      ahs.put(cdb, 16, cdb.length - 16).position(Pdu.padded(ahs.position()));
    }
    if (dataOut.length > 0 && dataInBytes > 0) {
      ahs.putShort((short) 5).put((byte) 2).put((byte) 0).putInt(dataInBytes);
    }
    return Arrays.copyOf(ahs.array(), ahs.position());
  }
}
