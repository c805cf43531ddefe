// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.util.List;
import java.util.Optional;

/**
 * How a SCSI command ended.
 *
 * @param response the iSCSI service response (RFC 7143 11.4.3), 0 if the status came with data
 * @param status the SAM status, see the constants
 * @param data the data-in buffer as far as the target filled it
 * @param residualBytes Residual Count, meaningful if overflow or underflow
 * @param pdus every PDU that the target sent for this command, in order
 */
public record ScsiResult(
    int response,
    int status,
    Optional<Sense> sense,
    byte[] data,
    long residualBytes,
    boolean overflow,
    boolean underflow,
    List<Response> pdus) {
  public static final int GOOD = 0x00;
  public static final int CHECK_CONDITION = 0x02;
  public static final int CONDITION_MET = 0x04;
  public static final int BUSY = 0x08;
  public static final int RESERVATION_CONFLICT = 0x18;
  public static final int TASK_SET_FULL = 0x28;
  public static final int ACA_ACTIVE = 0x30;
  public static final int TASK_ABORTED = 0x40;

  public boolean isGood() {
    return response == 0 && status == GOOD;
  }

  /**
   * This result if the status is GOOD.
   *
   * @throws AssertionError otherwise, with the sense data
   */
  public ScsiResult requireGood() {
    if (!isGood()) {
      throw new AssertionError("not GOOD: " + this);
    }
    return this;
  }

  /** The PDUs of one kind, for example {@code pdus(Response.DataIn.class)}. */
  public <T extends Response> List<T> pdus(Class<T> kind) {
    return pdus.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @Override
  public String toString() {
    return "response %02x status %02x%s, %d bytes%s%s"
        .formatted(
            response,
            status,
            sense.map(s -> " sense " + s).orElse(""),
            data.length,
            overflow ? ", overflow " + residualBytes : "",
            underflow ? ", underflow " + residualBytes : "");
  }
}
