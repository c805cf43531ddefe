// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/**
 * The PDUs that an initiator sends, with the fields that RFC 7143 section 11 gives them. Tags and
 * serial numbers are unsigned 32-bit values held in ints. Reserved bits cannot be set here; change
 * the {@link Pdu} for that.
 */
public sealed interface Request {
  int ITT_NONE = 0xffffffff;
  int TTT_NONE = 0xffffffff;

  /** This request as a PDU. */
  Pdu toPdu();

  /** Reads an initiator's PDU back; what a scripted target needs. */
  static Request of(Pdu pdu) {
    return switch (pdu.opcode()) {
      case Opcode.NOP_OUT -> NopOut.from(pdu);
      case Opcode.SCSI_COMMAND -> Command.from(pdu);
      case Opcode.TASK_MANAGEMENT_REQUEST -> TaskManagement.from(pdu);
      case Opcode.LOGIN_REQUEST -> Login.from(pdu);
      case Opcode.TEXT_REQUEST -> Text.from(pdu);
      case Opcode.DATA_OUT -> DataOut.from(pdu);
      case Opcode.LOGOUT_REQUEST -> Logout.from(pdu);
      case Opcode.SNACK_REQUEST -> Snack.from(pdu);
      default -> throw new IllegalArgumentException("no initiator PDU: " + pdu);
    };
  }

  /** RFC 7143 11.18. */
  record NopOut(
      boolean immediate, long lun, int itt, int ttt, int cmdSn, int expStatSn, byte[] data)
      implements Request {
    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.NOP_OUT)
          .with(Field.IMMEDIATE, immediate)
          .with(Field.FINAL, true)
          .with(Field.LUN, lun)
          .with(Field.ITT, itt)
          .with(Field.TTT, ttt)
          .with(Field.CMD_SN, cmdSn)
          .with(Field.EXP_STAT_SN, expStatSn)
          .withData(data);
    }

    static NopOut from(Pdu pdu) {
      return new NopOut(
          pdu.is(Field.IMMEDIATE),
          pdu.get(Field.LUN),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.TTT),
          pdu.getInt(Field.CMD_SN),
          pdu.getInt(Field.EXP_STAT_SN),
          pdu.data());
    }
  }

  /**
   * RFC 7143 11.3.
   *
   * @param fin no unsolicited Data-Out PDU follows
   * @param attribute task attribute 0..4, see {@link Attribute}
   * @param expectedBytes Expected Data Transfer Length
   * @param cdb 16 bytes at most; a longer CDB goes on in {@code ahs}
   * @param data immediate data
   */
  record Command(
      boolean immediate,
      boolean fin,
      boolean read,
      boolean write,
      int attribute,
      long lun,
      int itt,
      int expectedBytes,
      int cmdSn,
      int expStatSn,
      byte[] cdb,
      byte[] ahs,
      byte[] data)
      implements Request {
    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.SCSI_COMMAND)
          .with(Field.IMMEDIATE, immediate)
          .with(Field.FINAL, fin)
          .with(Field.READ, read)
          .with(Field.WRITE, write)
          .with(Field.ATTRIBUTES, attribute)
          .with(Field.LUN, lun)
          .with(Field.ITT, itt)
          .with(Field.EXPECTED_DATA_TRANSFER_LENGTH, expectedBytes)
          .with(Field.CMD_SN, cmdSn)
          .with(Field.EXP_STAT_SN, expStatSn)
          .withBytes(32, cdb)
          .withAhs(ahs)
          .withData(data);
    }

    static Command from(Pdu pdu) {
      return new Command(
          pdu.is(Field.IMMEDIATE),
          pdu.is(Field.FINAL),
          pdu.is(Field.READ),
          pdu.is(Field.WRITE),
          pdu.getInt(Field.ATTRIBUTES),
          pdu.get(Field.LUN),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.EXPECTED_DATA_TRANSFER_LENGTH),
          pdu.getInt(Field.CMD_SN),
          pdu.getInt(Field.EXP_STAT_SN),
          pdu.bytes(32, 16),
          pdu.ahs(),
          pdu.data());
    }
  }

  /** RFC 7143 11.5; functions are in {@link TaskFunction}. */
  record TaskManagement(
      boolean immediate,
      int function,
      long lun,
      int itt,
      int referencedTaskTag,
      int cmdSn,
      int expStatSn,
      int refCmdSn,
      int expDataSn)
      implements Request {
    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.TASK_MANAGEMENT_REQUEST)
          .with(Field.IMMEDIATE, immediate)
          .with(Field.FINAL, true)
          .with(Field.FUNCTION, function)
          .with(Field.LUN, lun)
          .with(Field.ITT, itt)
          .with(Field.REFERENCED_TASK_TAG, referencedTaskTag)
          .with(Field.CMD_SN, cmdSn)
          .with(Field.EXP_STAT_SN, expStatSn)
          .with(Field.REF_CMD_SN, refCmdSn)
          .with(Field.EXP_DATA_SN, expDataSn);
    }

    static TaskManagement from(Pdu pdu) {
      return new TaskManagement(
          pdu.is(Field.IMMEDIATE),
          pdu.getInt(Field.FUNCTION),
          pdu.get(Field.LUN),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.REFERENCED_TASK_TAG),
          pdu.getInt(Field.CMD_SN),
          pdu.getInt(Field.EXP_STAT_SN),
          pdu.getInt(Field.REF_CMD_SN),
          pdu.getInt(Field.EXP_DATA_SN));
    }
  }

  /**
   * RFC 7143 11.12; a login request always has the I bit.
   *
   * @param isid 48 bits
   */
  record Login(
      boolean transit,
      boolean more,
      int csg,
      int nsg,
      int versionMax,
      int versionMin,
      long isid,
      int tsih,
      int itt,
      int cid,
      int cmdSn,
      int expStatSn,
      byte[] data)
      implements Request {
    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.LOGIN_REQUEST)
          .with(Field.IMMEDIATE, true)
          .with(Field.TRANSIT, transit)
          .with(Field.CONTINUE, more)
          .with(Field.CSG, csg)
          .with(Field.NSG, nsg)
          .with(Field.VERSION_MAX, versionMax)
          .with(Field.VERSION_MIN, versionMin)
          .with(Field.ISID, isid)
          .with(Field.TSIH, tsih)
          .with(Field.ITT, itt)
          .with(Field.CID, cid)
          .with(Field.CMD_SN, cmdSn)
          .with(Field.EXP_STAT_SN, expStatSn)
          .withData(data);
    }

    static Login from(Pdu pdu) {
      return new Login(
          pdu.is(Field.TRANSIT),
          pdu.is(Field.CONTINUE),
          pdu.getInt(Field.CSG),
          pdu.getInt(Field.NSG),
          pdu.getInt(Field.VERSION_MAX),
          pdu.getInt(Field.VERSION_MIN),
          pdu.get(Field.ISID),
          pdu.getInt(Field.TSIH),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.CID),
          pdu.getInt(Field.CMD_SN),
          pdu.getInt(Field.EXP_STAT_SN),
          pdu.data());
    }
  }

  /** RFC 7143 11.10. */
  record Text(
      boolean immediate,
      boolean fin,
      boolean more,
      long lun,
      int itt,
      int ttt,
      int cmdSn,
      int expStatSn,
      byte[] data)
      implements Request {
    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.TEXT_REQUEST)
          .with(Field.IMMEDIATE, immediate)
          .with(Field.FINAL, fin)
          .with(Field.CONTINUE, more)
          .with(Field.LUN, lun)
          .with(Field.ITT, itt)
          .with(Field.TTT, ttt)
          .with(Field.CMD_SN, cmdSn)
          .with(Field.EXP_STAT_SN, expStatSn)
          .withData(data);
    }

    static Text from(Pdu pdu) {
      return new Text(
          pdu.is(Field.IMMEDIATE),
          pdu.is(Field.FINAL),
          pdu.is(Field.CONTINUE),
          pdu.get(Field.LUN),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.TTT),
          pdu.getInt(Field.CMD_SN),
          pdu.getInt(Field.EXP_STAT_SN),
          pdu.data());
    }
  }

  /** RFC 7143 11.7. */
  record DataOut(
      boolean fin, long lun, int itt, int ttt, int expStatSn, int dataSn, int offset, byte[] data)
      implements Request {
    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.DATA_OUT)
          .with(Field.FINAL, fin)
          .with(Field.LUN, lun)
          .with(Field.ITT, itt)
          .with(Field.TTT, ttt)
          .with(Field.EXP_STAT_SN, expStatSn)
          .with(Field.DATA_SN, dataSn)
          .with(Field.BUFFER_OFFSET, offset)
          .withData(data);
    }

    static DataOut from(Pdu pdu) {
      return new DataOut(
          pdu.is(Field.FINAL),
          pdu.get(Field.LUN),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.TTT),
          pdu.getInt(Field.EXP_STAT_SN),
          pdu.getInt(Field.DATA_SN),
          pdu.getInt(Field.BUFFER_OFFSET),
          pdu.data());
    }
  }

  /** RFC 7143 11.14; reason 0 closes the session, 1 the connection, 2 removes it for recovery. */
  record Logout(boolean immediate, int reason, int itt, int cid, int cmdSn, int expStatSn)
      implements Request {
    public static final int CLOSE_SESSION = 0;
    public static final int CLOSE_CONNECTION = 1;
    public static final int REMOVE_FOR_RECOVERY = 2;

    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.LOGOUT_REQUEST)
          .with(Field.IMMEDIATE, immediate)
          .with(Field.FINAL, true)
          .with(Field.REASON_CODE, reason)
          .with(Field.ITT, itt)
          .with(Field.CID, cid)
          .with(Field.CMD_SN, cmdSn)
          .with(Field.EXP_STAT_SN, expStatSn);
    }

    static Logout from(Pdu pdu) {
      return new Logout(
          pdu.is(Field.IMMEDIATE),
          pdu.getInt(Field.REASON_CODE),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.CID),
          pdu.getInt(Field.CMD_SN),
          pdu.getInt(Field.EXP_STAT_SN));
    }
  }

  /** RFC 7143 11.16; type 0 Data/R2T, 1 Status, 2 DataACK, 3 R-Data. */
  record Snack(int type, long lun, int itt, int ttt, int expStatSn, int begRun, int runLength)
      implements Request {
    public static final int DATA_OR_R2T = 0;
    public static final int STATUS = 1;
    public static final int DATA_ACK = 2;
    public static final int R_DATA = 3;

    @Override
    public Pdu toPdu() {
      return Pdu.of(Opcode.SNACK_REQUEST)
          .with(Field.FINAL, true)
          .with(Field.SNACK_TYPE, type)
          .with(Field.LUN, lun)
          .with(Field.ITT, itt)
          .with(Field.TTT, ttt)
          .with(Field.EXP_STAT_SN, expStatSn)
          .with(Field.BEG_RUN, begRun)
          .with(Field.RUN_LENGTH, runLength);
    }

    static Snack from(Pdu pdu) {
      return new Snack(
          pdu.getInt(Field.SNACK_TYPE),
          pdu.get(Field.LUN),
          pdu.getInt(Field.ITT),
          pdu.getInt(Field.TTT),
          pdu.getInt(Field.EXP_STAT_SN),
          pdu.getInt(Field.BEG_RUN),
          pdu.getInt(Field.RUN_LENGTH));
    }
  }
}
