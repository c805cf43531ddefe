// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import org.jspecify.annotations.Nullable;

/**
 * A log page (SPC-4 7.3).
 *
 * @param code PAGE CODE
 * @param subpage SUBPAGE CODE
 * @param name its name, for documents
 * @param content builds the log parameters, without the four bytes of the page's header; may wait
 */
public record LogPage(int code, int subpage, String name, Content content) {
  /** Builds log parameters. */
  @FunctionalInterface
  public interface Content {
    /**
     * The log parameters of the page, ascending by PARAMETER CODE; null when the page does not
     * exist in the unit's present state.
     */
    byte @Nullable [] parameters(Task task);
  }

  /** A parameter (SPC-4 table 365), FORMAT AND LINKING 11b: binary list. */
  public static byte[] parameter(int parameterCode, byte[] value) {
    byte[] bytes = new byte[4 + value.length];
    bytes[0] = (byte) (parameterCode >> 8);
    bytes[1] = (byte) parameterCode;
    bytes[2] = 0x03;
    bytes[3] = (byte) value.length;
    System.arraycopy(value, 0, bytes, 4, value.length);
    return bytes;
  }
}
