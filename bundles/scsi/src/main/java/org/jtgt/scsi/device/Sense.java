// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Sense data before it is encoded (SPC-4 4.5): a sense key, an additional sense code with its
 * qualifier, and what goes with them. The one place where sense codes are named.
 *
 * @param key SENSE KEY (SPC-4 table 48)
 * @param code ADDITIONAL SENSE CODE in the high byte, its qualifier in the low one (SPC-4 annex F)
 * @param information INFORMATION field, for block devices an LBA; empty when not valid
 * @param field FIELD POINTER with its flags; {@link FieldPointer#NONE} when there is none
 * @param progress PROGRESS INDICATION, parts of 65,536; -1 when there is none
 * @param commandSpecific COMMAND-SPECIFIC INFORMATION; empty when there is none
 * @param forwarded what another logical unit has answered; null when none is to be told
 */
public record Sense(
    SenseKey key,
    int code,
    OptionalLong information,
    FieldPointer field,
    int progress,
    OptionalLong commandSpecific,
    @Nullable Forwarded forwarded) {
  /**
   * Status and sense data of another logical unit, as they came (SPC-4 4.5.2.7). Descriptor format
   * has a place for them.
   *
   * @param source SENSE DATA SOURCE: 1 for the first copy source, 2 for the first copy destination
   * @param status FORWARDED STATUS
   * @param sense its sense data, perhaps empty
   */
  public record Forwarded(int source, int status, List<Byte> sense) {}

  /** No PROGRESS INDICATION. */
  private static final int NO_PROGRESS = -1;

  /** SPC-4 annex F: a request that has nothing to tell. */
  public static final Sense NONE = of(SenseKey.NO_SENSE, 0x0000);

  public static final Sense LOGICAL_UNIT_BECOMING_READY = of(SenseKey.NOT_READY, 0x0401);
  public static final Sense INITIALIZING_COMMAND_REQUIRED = of(SenseKey.NOT_READY, 0x0402);
  public static final Sense ASYMMETRIC_ACCESS_STATE_TRANSITION = of(SenseKey.NOT_READY, 0x040A);
  public static final Sense TARGET_PORT_IN_STANDBY_STATE = of(SenseKey.NOT_READY, 0x040B);
  public static final Sense TARGET_PORT_IN_UNAVAILABLE_STATE = of(SenseKey.NOT_READY, 0x040C);
  public static final Sense LOGICAL_UNIT_OFFLINE = of(SenseKey.NOT_READY, 0x0412);
  public static final Sense SET_TARGET_PORT_GROUPS_COMMAND_FAILED =
      of(SenseKey.HARDWARE_ERROR, 0x670A);
  public static final Sense MANUAL_INTERVENTION_REQUIRED = of(SenseKey.NOT_READY, 0x0403);
  public static final Sense FORMAT_IN_PROGRESS = of(SenseKey.NOT_READY, 0x0404);
  public static final Sense SANITIZE_IN_PROGRESS = of(SenseKey.NOT_READY, 0x041B);
  public static final Sense WRITE_ERROR = of(SenseKey.MEDIUM_ERROR, 0x0C00);
  public static final Sense UNEXPECTED_UNSOLICITED_DATA = of(SenseKey.ABORTED_COMMAND, 0x0C0C);
  public static final Sense NOT_ENOUGH_UNSOLICITED_DATA = of(SenseKey.ABORTED_COMMAND, 0x0C0D);
  public static final Sense UNRECOVERED_READ_ERROR = of(SenseKey.MEDIUM_ERROR, 0x1100);
  public static final Sense READ_ERROR_FAILED_RETRANSMISSION = of(SenseKey.ABORTED_COMMAND, 0x1113);
  public static final Sense PARAMETER_LIST_LENGTH_ERROR = of(SenseKey.ILLEGAL_REQUEST, 0x1A00);
  public static final Sense MISCOMPARE_DURING_VERIFY = of(SenseKey.MISCOMPARE, 0x1D00);
  public static final Sense INVALID_COMMAND_OPERATION_CODE = of(SenseKey.ILLEGAL_REQUEST, 0x2000);
  public static final Sense LBA_OUT_OF_RANGE = of(SenseKey.ILLEGAL_REQUEST, 0x2100);
  public static final Sense INVALID_FIELD_IN_CDB = of(SenseKey.ILLEGAL_REQUEST, 0x2400);
  public static final Sense LOGICAL_UNIT_NOT_SUPPORTED = of(SenseKey.ILLEGAL_REQUEST, 0x2500);
  public static final Sense UNEXPECTED_INEXACT_SEGMENT = of(SenseKey.COPY_ABORTED, 0x260A);
  public static final Sense UNREACHABLE_COPY_TARGET = of(SenseKey.COPY_ABORTED, 0x0804);
  public static final Sense COPY_TARGET_DEVICE_NOT_REACHABLE = of(SenseKey.COPY_ABORTED, 0x0D02);
  public static final Sense INCORRECT_COPY_TARGET_DEVICE_TYPE = of(SenseKey.COPY_ABORTED, 0x0D03);
  public static final Sense COPY_TARGET_DEVICE_DATA_UNDERRUN = of(SenseKey.COPY_ABORTED, 0x0D04);
  public static final Sense COPY_TARGET_DEVICE_DATA_OVERRUN = of(SenseKey.COPY_ABORTED, 0x0D05);
  public static final Sense COPY_CLEARED_BY_DEVICE_SERVER = of(SenseKey.COPY_ABORTED, 0x2F02);
  public static final Sense THIRD_PARTY_DEVICE_FAILURE = of(SenseKey.COPY_ABORTED, 0x0D01);
  public static final Sense INVALID_TOKEN_UNKNOWN = of(SenseKey.ILLEGAL_REQUEST, 0x2304);
  public static final Sense INVALID_TOKEN_CORRUPT = of(SenseKey.ILLEGAL_REQUEST, 0x2305);
  public static final Sense INVALID_TOKEN_EXPIRED = of(SenseKey.ILLEGAL_REQUEST, 0x2307);
  public static final Sense INVALID_TOKEN_CANCELLED = of(SenseKey.ILLEGAL_REQUEST, 0x2308);
  public static final Sense INVALID_TOKEN_DELETED = of(SenseKey.ILLEGAL_REQUEST, 0x2309);
  public static final Sense INVALID_TOKEN_LENGTH = of(SenseKey.ILLEGAL_REQUEST, 0x230A);
  public static final Sense TOO_MANY_TARGET_DESCRIPTORS = of(SenseKey.ILLEGAL_REQUEST, 0x2606);
  public static final Sense UNSUPPORTED_TARGET_DESCRIPTOR_TYPE =
      of(SenseKey.ILLEGAL_REQUEST, 0x2607);
  public static final Sense TOO_MANY_SEGMENT_DESCRIPTORS = of(SenseKey.ILLEGAL_REQUEST, 0x2608);
  public static final Sense UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE =
      of(SenseKey.ILLEGAL_REQUEST, 0x2609);
  public static final Sense INLINE_DATA_LENGTH_EXCEEDED = of(SenseKey.ILLEGAL_REQUEST, 0x260B);
  public static final Sense OPERATION_IN_PROGRESS = of(SenseKey.ILLEGAL_REQUEST, 0x0016);
  public static final Sense MEDIUM_FORMAT_CORRUPTED = of(SenseKey.MEDIUM_ERROR, 0x3100);
  public static final Sense SANITIZE_COMMAND_FAILED = of(SenseKey.MEDIUM_ERROR, 0x3103);
  public static final Sense MEDIUM_NOT_PRESENT = of(SenseKey.NOT_READY, 0x3A00);
  public static final Sense MEDIUM_REMOVAL_PREVENTED = of(SenseKey.ILLEGAL_REQUEST, 0x5302);
  public static final Sense INVALID_FIELD_IN_PARAMETER_LIST = of(SenseKey.ILLEGAL_REQUEST, 0x2600);
  public static final Sense INVALID_RELEASE_OF_PERSISTENT_RESERVATION =
      of(SenseKey.ILLEGAL_REQUEST, 0x2604);
  public static final Sense COMMAND_TIMEOUT_BEFORE_PROCESSING =
      of(SenseKey.ABORTED_COMMAND, 0x2E01);
  public static final Sense COMMAND_TIMEOUT_DURING_PROCESSING =
      of(SenseKey.ABORTED_COMMAND, 0x2E02);
  public static final Sense WRITE_PROTECTED = of(SenseKey.DATA_PROTECT, 0x2700);
  public static final Sense SOFTWARE_WRITE_PROTECTED = of(SenseKey.DATA_PROTECT, 0x2702);
  public static final Sense SPACE_ALLOCATION_FAILED = of(SenseKey.DATA_PROTECT, 0x2707);
  public static final Sense SAVING_PARAMETERS_NOT_SUPPORTED = of(SenseKey.ILLEGAL_REQUEST, 0x3900);
  public static final Sense INTERNAL_TARGET_FAILURE = of(SenseKey.HARDWARE_ERROR, 0x4400);
  public static final Sense PROTOCOL_SERVICE_CRC_ERROR = of(SenseKey.ABORTED_COMMAND, 0x4705);
  public static final Sense INVALID_MESSAGE_ERROR = of(SenseKey.ILLEGAL_REQUEST, 0x4900);
  public static final Sense INSUFFICIENT_REGISTRATION_RESOURCES =
      of(SenseKey.ILLEGAL_REQUEST, 0x5504);

  /** Where in the CDB or the parameter list the error lies (SPC-4 4.5.2.4.2). */
  public record FieldPointer(boolean inCdb, int byteIndex, int bitIndex) {
    /** No pointer. */
    public static final FieldPointer NONE = new FieldPointer(false, -1, -1);
  }

  /** A key and a code with its qualifier. */
  public static Sense of(SenseKey key, int code) {
    return new Sense(
        key,
        code,
        OptionalLong.empty(),
        FieldPointer.NONE,
        NO_PROGRESS,
        OptionalLong.empty(),
        null);
  }

  /**
   * INVALID FIELD IN CDB that points at a field.
   *
   * @param byteIndex first byte of the field
   * @param bitIndex its left-most bit, -1 when the whole byte is meant
   */
  public static Sense invalidFieldInCdb(int byteIndex, int bitIndex) {
    return new Sense(
        SenseKey.ILLEGAL_REQUEST,
        INVALID_FIELD_IN_CDB.code,
        OptionalLong.empty(),
        new FieldPointer(true, byteIndex, bitIndex),
        NO_PROGRESS,
        OptionalLong.empty(),
        null);
  }

  /** INVALID FIELD IN PARAMETER LIST that points at a field; as {@link #invalidFieldInCdb}. */
  public static Sense invalidFieldInParameterList(int byteIndex, int bitIndex) {
    return new Sense(
        SenseKey.ILLEGAL_REQUEST,
        INVALID_FIELD_IN_PARAMETER_LIST.code,
        OptionalLong.empty(),
        new FieldPointer(false, byteIndex, bitIndex),
        NO_PROGRESS,
        OptionalLong.empty(),
        null);
  }

  /** The same with an INFORMATION field. */
  public Sense withInformation(long value) {
    return new Sense(
        key, code, OptionalLong.of(value), field, progress, commandSpecific, forwarded);
  }

  /** The same with a PROGRESS INDICATION (SPC-4 4.5.2.4.4), parts of 65,536. */
  public Sense withProgress(int parts) {
    return new Sense(
        key,
        code,
        information,
        FieldPointer.NONE,
        Math.clamp(parts, 0, 0xFFFF),
        commandSpecific,
        forwarded);
  }

  /** The same with COMMAND-SPECIFIC INFORMATION of at most four bytes. */
  public Sense withCommandSpecific(long value) {
    return new Sense(key, code, information, field, progress, OptionalLong.of(value), forwarded);
  }

  /** The same with the answer of another logical unit. */
  public Sense withForwarded(Forwarded answer) {
    return new Sense(key, code, information, field, progress, commandSpecific, answer);
  }

  /** The same with a pointer at a byte of the parameter list. */
  public Sense pointingAt(int byteIndex) {
    return new Sense(
        key,
        code,
        information,
        new FieldPointer(false, byteIndex, -1),
        progress,
        commandSpecific,
        forwarded);
  }

  private boolean keySpecific() {
    return field != FieldPointer.NONE || progress != NO_PROGRESS;
  }

  /**
   * The sense data on the wire.
   *
   * @param descriptorFormat descriptor format (SPC-4 4.5.2), else fixed format (SPC-4 4.5.3)
   */
  public byte[] encode(boolean descriptorFormat) {
    return descriptorFormat ? descriptor() : fixed();
  }

  private byte[] fixed() {
    ByteBuffer out = ByteBuffer.allocate(18);
    out.put(0, (byte) 0x70).put(2, (byte) key.code()).put(7, (byte) 10);
    // SPC-4 4.5.3: an INFORMATION that does not fit in four bytes leaves VALID zero.
    if (information.isPresent() && information.getAsLong() >>> 32 == 0) {
      out.put(0, (byte) 0xF0).putInt(3, (int) information.getAsLong());
    }
    if (commandSpecific.isPresent()) {
      out.putInt(8, (int) commandSpecific.getAsLong());
    }
    out.putShort(12, (short) code);
    if (keySpecific()) {
      putKeySpecific(out, 15);
    }
    return out.array();
  }

  private byte[] descriptor() {
    boolean pointer = keySpecific();
    int additional =
        (information.isPresent() ? 12 : 0)
            + (commandSpecific.isPresent() ? 12 : 0)
            + (pointer ? 8 : 0)
            + (forwarded == null ? 0 : 4 + forwarded.sense.size());
    ByteBuffer out = ByteBuffer.allocate(8 + additional);
    out.put((byte) 0x72).put((byte) key.code()).putShort((short) code);
    out.put(7, (byte) additional).position(8);
    if (information.isPresent()) {
      out.put((byte) 0x00).put((byte) 0x0A).put((byte) 0x80).put((byte) 0);
      out.putLong(information.getAsLong());
    }
    if (commandSpecific.isPresent()) {
      out.put((byte) 0x01).put((byte) 0x0A).putShort((short) 0);
      out.putLong(commandSpecific.getAsLong());
    }
    if (pointer) {
      int at = out.position();
      out.put((byte) 0x02).put((byte) 0x06);
      putKeySpecific(out, at + 4);
      out.position(at + 8);
    }
    if (forwarded != null) {
      out.put((byte) 0x0C).put((byte) (2 + forwarded.sense.size()));
      out.put((byte) forwarded.source).put((byte) forwarded.status);
      forwarded.sense.forEach(out::put);
    }
    return out.array();
  }

  /**
   * SKSV, C/D, BPV and BIT POINTER in one byte, FIELD POINTER in two; or SKSV and PROGRESS
   * INDICATION.
   */
  private void putKeySpecific(ByteBuffer out, int at) {
    if (progress != NO_PROGRESS) {
      out.put(at, (byte) 0x80).putShort(at + 1, (short) progress);
      return;
    }
    int flags = 0x80 | (field.inCdb ? 0x40 : 0);
    if (field.bitIndex >= 0) {
      flags |= 0x08 | field.bitIndex;
    }
    out.put(at, (byte) flags).putShort(at + 1, (short) field.byteIndex);
  }
}
