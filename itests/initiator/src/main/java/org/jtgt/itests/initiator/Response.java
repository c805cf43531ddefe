// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The PDUs that a target sends, with the fields that RFC 7143 section 11 gives them. Each is a view
 * of the whole PDU, so that a test can look at every field, reserved ones included.
 */
public sealed interface Response {
  /** The PDU as received. */
  Pdu pdu();

  default int itt() {
    return pdu().getInt(Field.ITT);
  }

  default int ttt() {
    return pdu().getInt(Field.TTT);
  }

  default int statSn() {
    return pdu().getInt(Field.STAT_SN);
  }

  default int expCmdSn() {
    return pdu().getInt(Field.EXP_CMD_SN);
  }

  default int maxCmdSn() {
    return pdu().getInt(Field.MAX_CMD_SN);
  }

  /** Whether the PDU's StatSN counts a status, so that the next status has the next number. */
  default boolean carriesStatus() {
    return true;
  }

  /**
   * Reads a target's PDU.
   *
   * @throws ProtocolViolation if no target may send this opcode (RFC 7143 11.2.1.2)
   */
  static Response of(Pdu pdu) {
    return switch (pdu.opcode()) {
      case Opcode.NOP_IN -> new NopIn(pdu);
      case Opcode.SCSI_RESPONSE -> new Status(pdu);
      case Opcode.TASK_MANAGEMENT_RESPONSE -> new TaskManagement(pdu);
      case Opcode.LOGIN_RESPONSE -> new Login(pdu);
      case Opcode.TEXT_RESPONSE -> new Text(pdu);
      case Opcode.DATA_IN -> new DataIn(pdu);
      case Opcode.LOGOUT_RESPONSE -> new Logout(pdu);
      case Opcode.R2T -> new R2t(pdu);
      case Opcode.ASYNC_MESSAGE -> new Async(pdu);
      case Opcode.REJECT -> new Reject(pdu);
      default -> throw new ProtocolViolation("11.2.1.2", "not a target's PDU: " + pdu);
    };
  }

  /** RFC 7143 11.19. */
  record NopIn(Pdu pdu) implements Response {
    /** A ping by the target, or one that only carries serial numbers, answers no NOP-Out. */
    @Override
    public boolean carriesStatus() {
      return itt() != Request.ITT_NONE;
    }

    public boolean wantsReply() {
      return ttt() != Request.TTT_NONE;
    }
  }

  /** SCSI Response, RFC 7143 11.4. */
  record Status(Pdu pdu) implements Response {
    public static final int COMMAND_COMPLETED = 0x00;
    public static final int TARGET_FAILURE = 0x01;

    public int response() {
      return pdu.getInt(Field.RESPONSE);
    }

    public int status() {
      return pdu.getInt(Field.STATUS);
    }

    public int expDataSn() {
      return pdu.getInt(Field.EXP_DATA_SN);
    }

    /** The sense data of RFC 7143 11.4.7, empty if SenseLength is zero or absent. */
    public byte[] senseBytes() {
      byte[] data = pdu.data();
      if (data.length < 2) {
        return new byte[0];
      }
      int length = ByteBuffer.wrap(data).getShort() & 0xffff;
      if (2 + length > data.length) {
        throw new ProtocolViolation(
            "11.4.7", "SenseLength " + length + " in a data segment of " + data.length + " bytes");
      }
      return Arrays.copyOfRange(data, 2, 2 + length);
    }
  }

  /** RFC 7143 11.6; responses are in {@link TaskFunction}. */
  record TaskManagement(Pdu pdu) implements Response {
    public int response() {
      return pdu.getInt(Field.RESPONSE);
    }
  }

  /** RFC 7143 11.13. */
  record Login(Pdu pdu) implements Response {
    public boolean transit() {
      return pdu.is(Field.TRANSIT);
    }

    public boolean more() {
      return pdu.is(Field.CONTINUE);
    }

    public int csg() {
      return pdu.getInt(Field.CSG);
    }

    public int nsg() {
      return pdu.getInt(Field.NSG);
    }

    public int tsih() {
      return pdu.getInt(Field.TSIH);
    }

    public long isid() {
      return pdu.get(Field.ISID);
    }

    /** Status-Class in the high byte, Status-Detail in the low one, as in the RFC's table. */
    public int status() {
      return pdu.getInt(Field.STATUS_CLASS) << 8 | pdu.getInt(Field.STATUS_DETAIL);
    }

    public TextKeys keys() {
      return TextKeys.parse(pdu.data());
    }
  }

  /** RFC 7143 11.11. */
  record Text(Pdu pdu) implements Response {
    public boolean fin() {
      return pdu.is(Field.FINAL);
    }

    public boolean more() {
      return pdu.is(Field.CONTINUE);
    }
  }

  /** RFC 7143 11.7. */
  record DataIn(Pdu pdu) implements Response {
    @Override
    public boolean carriesStatus() {
      return pdu.is(Field.STATUS_PRESENT);
    }

    public boolean fin() {
      return pdu.is(Field.FINAL);
    }

    public int dataSn() {
      return pdu.getInt(Field.DATA_SN);
    }

    public long offset() {
      return pdu.get(Field.BUFFER_OFFSET);
    }
  }

  /** RFC 7143 11.15. */
  record Logout(Pdu pdu) implements Response {
    public int response() {
      return pdu.getInt(Field.RESPONSE);
    }
  }

  /** RFC 7143 11.8. */
  record R2t(Pdu pdu) implements Response {
    @Override
    public boolean carriesStatus() {
      return false;
    }

    public int r2tSn() {
      return pdu.getInt(Field.R2T_SN);
    }

    public long offset() {
      return pdu.get(Field.BUFFER_OFFSET);
    }

    public long desiredBytes() {
      return pdu.get(Field.DESIRED_DATA_TRANSFER_LENGTH);
    }
  }

  /** RFC 7143 11.9. */
  record Async(Pdu pdu) implements Response {
    public static final int SCSI_EVENT = 0;
    public static final int LOGOUT_REQUESTED = 1;
    public static final int CONNECTION_DROPPED = 2;
    public static final int ALL_CONNECTIONS_DROPPED = 3;
    public static final int NEGOTIATION_REQUESTED = 4;
    public static final int TASKS_TERMINATED = 5;

    public int event() {
      return pdu.getInt(Field.ASYNC_EVENT);
    }

    public int parameter1() {
      return pdu.getInt(Field.PARAMETER_1);
    }

    public int parameter2() {
      return pdu.getInt(Field.PARAMETER_2);
    }

    public int parameter3() {
      return pdu.getInt(Field.PARAMETER_3);
    }
  }

  /** RFC 7143 11.17. */
  record Reject(Pdu pdu) implements Response {
    public static final int DATA_DIGEST_ERROR = 0x02;
    public static final int SNACK_REJECT = 0x03;
    public static final int PROTOCOL_ERROR = 0x04;
    public static final int COMMAND_NOT_SUPPORTED = 0x05;
    public static final int IMMEDIATE_COMMAND_REJECT = 0x06;
    public static final int TASK_IN_PROGRESS = 0x07;
    public static final int INVALID_DATA_ACK = 0x08;
    public static final int INVALID_PDU_FIELD = 0x09;
    public static final int LONG_OPERATION_REJECT = 0x0a;
    public static final int WAITING_FOR_LOGOUT = 0x0c;

    public int reason() {
      return pdu.getInt(Field.REASON);
    }

    /** The header of the PDU that was rejected, as the data segment returns it. */
    public Pdu rejected() {
      byte[] data = pdu.data();
      if (data.length < Pdu.BHS_BYTES) {
        throw new ProtocolViolation(
            "11.17", "a Reject returns the whole header, not " + data.length + " bytes");
      }
      return Pdu.of(Arrays.copyOf(data, Pdu.BHS_BYTES), new byte[0], new byte[0]);
    }
  }
}
