// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * A PDU from target to initiator that is not sent once per I/O. StatSN, ExpCmdSN and MaxCmdSN stand
 * at the same place in all of them; whoever sends fills them in.
 */
public sealed interface TargetPdu {
  /** Writes the fields into 48 zero bytes at an index. */
  void encode(ByteBuf out, int at);

  /** True when the PDU advances StatSN (RFC 7143 4.2.2.2). */
  default boolean advancesStatSn() {
    return true;
  }

  /**
   * A Login Response (RFC 7143 11.13). Parameters as in {@link LoginRequest}.
   *
   * @param status status class and detail
   */
  record LoginResponse(
      boolean transit,
      boolean continues,
      int currentStage,
      int nextStage,
      long isid,
      int tsih,
      int initiatorTaskTag,
      LoginStatus status)
      implements TargetPdu {
    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.LOGIN_RESPONSE);
      out.setByte(
          at + 1, (transit ? 0x80 : 0) | (continues ? 0x40 : 0) | currentStage << 2 | nextStage);
      out.setLong(at + 8, isid << 16 | tsih);
      out.setInt(at + 16, initiatorTaskTag);
      out.setShort(at + 36, status.code());
    }

    /** The same with the TSIH of the session that was made. */
    public LoginResponse withTsih(int value) {
      return new LoginResponse(
          transit, continues, currentStage, nextStage, isid, value, initiatorTaskTag, status);
    }
  }

  /**
   * A Text Response (RFC 7143 11.11).
   *
   * @param finalBit F
   * @param continues C
   */
  record TextResponse(
      boolean finalBit, boolean continues, long lun, int initiatorTaskTag, int targetTransferTag)
      implements TargetPdu {
    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.TEXT_RESPONSE);
      out.setByte(at + 1, (finalBit ? 0x80 : 0) | (continues ? 0x40 : 0));
      out.setLong(at + 8, lun);
      out.setInt(at + 16, initiatorTaskTag);
      out.setInt(at + 20, targetTransferTag);
    }
  }

  /**
   * A Logout Response (RFC 7143 11.15).
   *
   * @param time2Wait seconds, see 11.15.3
   * @param time2Retain seconds, see 11.15.4
   */
  record LogoutResponse(LogoutResult response, int initiatorTaskTag, int time2Wait, int time2Retain)
      implements TargetPdu {
    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.LOGOUT_RESPONSE);
      out.setByte(at + 1, 0x80);
      out.setByte(at + 2, response.ordinal());
      out.setInt(at + 16, initiatorTaskTag);
      out.setShort(at + 40, time2Wait);
      out.setShort(at + 42, time2Retain);
    }
  }

  /** Responses of a logout (RFC 7143 11.15.1), in the order of their codes. */
  enum LogoutResult {
    CLOSED,
    CID_NOT_FOUND,
    RECOVERY_NOT_SUPPORTED,
    CLEANUP_FAILED
  }

  /**
   * A Task Management Function Response (RFC 7143 11.6).
   *
   * @param additional Additional Response Information, 24 bits (RFC 7144 6.2); 0 for none
   */
  record TaskManagementFunctionResponse(int response, int initiatorTaskTag, int additional)
      implements TargetPdu {
    public static final int FUNCTION_COMPLETE = 0;
    public static final int TASK_DOES_NOT_EXIST = 1;
    public static final int LUN_DOES_NOT_EXIST = 2;
    public static final int TASK_STILL_ALLEGIANT = 3;
    public static final int REASSIGNMENT_NOT_SUPPORTED = 4;
    public static final int FUNCTION_NOT_SUPPORTED = 5;
    public static final int AUTHORIZATION_FAILED = 6;

    /** RFC 7144 6.2. */
    public static final int FUNCTION_SUCCEEDED = 7;

    public static final int FUNCTION_REJECTED = 255;

    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.TASK_MANAGEMENT_RESPONSE);
      out.setByte(at + 1, 0x80);
      out.setByte(at + 2, response);
      out.setMedium(at + 8, additional);
      out.setInt(at + 16, initiatorTaskTag);
    }
  }

  /**
   * A NOP-In (RFC 7143 11.19): the answer to a ping, or a ping when the Initiator Task Tag is
   * {@link Bhs#NO_TAG}.
   */
  record NopIn(long lun, int initiatorTaskTag, int targetTransferTag) implements TargetPdu {
    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.NOP_IN);
      out.setByte(at + 1, 0x80);
      out.setLong(at + 8, lun);
      out.setInt(at + 16, initiatorTaskTag);
      out.setInt(at + 20, targetTransferTag);
    }

    @Override
    public boolean advancesStatSn() {
      return initiatorTaskTag != Bhs.NO_TAG;
    }
  }

  /** A Reject (RFC 7143 11.17); its data segment is the header that is rejected. */
  record Reject(RejectReason reason) implements TargetPdu {
    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.REJECT);
      out.setByte(at + 1, 0x80);
      out.setByte(at + 2, reason.code());
      out.setInt(at + 16, Bhs.NO_TAG);
    }
  }

  /** Reasons of a Reject (RFC 7143 11.17.1). */
  enum RejectReason {
    DATA_DIGEST_ERROR(0x02),
    SNACK_REJECT(0x03),
    PROTOCOL_ERROR(0x04),
    COMMAND_NOT_SUPPORTED(0x05),
    IMMEDIATE_COMMAND_REJECT(0x06),
    TASK_IN_PROGRESS(0x07),
    INVALID_DATA_ACK(0x08),
    INVALID_PDU_FIELD(0x09),
    OUT_OF_RESOURCES(0x0a),
    WAITING_FOR_LOGOUT(0x0c);

    private final int code;

    RejectReason(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }
  }

  /**
   * An Asynchronous Message with a SCSI event: AsyncEvent 0 (RFC 7143 11.9.1). Its data segment is
   * the length of the sense data, in two bytes, and the sense data (11.9.4).
   */
  record ScsiEvent(long lun) implements TargetPdu {
    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.ASYNC_MESSAGE);
      out.setByte(at + 1, 0x80);
      out.setLong(at + 8, lun);
      out.setInt(at + 16, Bhs.NO_TAG);
    }
  }

  /**
   * An Asynchronous Message that concerns the session or a connection (RFC 7143 11.9).
   *
   * @param event AsyncEvent
   * @param parameter1 Parameter1
   * @param parameter2 Parameter2
   * @param parameter3 Parameter3
   */
  record AsyncMessage(int event, int parameter1, int parameter2, int parameter3)
      implements TargetPdu {
    /** The target asks for a logout; Parameter3 is the time allowed, in seconds. */
    public static final int LOGOUT_REQUEST = 1;

    /** The target drops the connection whose CID Parameter1 is; then Time2Wait, Time2Retain. */
    public static final int DROPS_CONNECTION = 2;

    /** The target drops all connections of the session; then Time2Wait, Time2Retain. */
    public static final int DROPS_ALL_CONNECTIONS = 3;

    /** The target asks for a Text Request on this connection, in Parameter3 seconds. */
    public static final int ASKS_FOR_NEGOTIATION = 4;

    @Override
    public void encode(ByteBuf out, int at) {
      out.setByte(at, Opcode.ASYNC_MESSAGE);
      out.setByte(at + 1, 0x80);
      out.setInt(at + 16, Bhs.NO_TAG);
      out.setByte(at + 36, event);
      out.setShort(at + 38, parameter1);
      out.setShort(at + 40, parameter2);
      out.setShort(at + 42, parameter3);
    }
  }
}
