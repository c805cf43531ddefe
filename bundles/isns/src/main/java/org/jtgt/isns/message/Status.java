// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns.message;

/** Status codes of responses (RFC 4171 5.4). */
public final class Status {
  public static final int SUCCESSFUL = 0;
  public static final int INVALID_REGISTRATION = 3;
  public static final int SOURCE_UNKNOWN = 6;
  public static final int ESI_NOT_AVAILABLE = 21;

  private static final String[] WORDS = {
    "successful",
    "unknown error",
    "message format error",
    "invalid registration",
    "status 4",
    "invalid query",
    "source unknown",
    "source absent",
    "source unauthorized",
    "no such entry",
    "version not supported",
    "internal error",
    "busy",
    "option not understood",
    "invalid update",
    "message not supported",
    "SCN event rejected",
    "SCN registration rejected",
    "attribute not implemented",
    "FC_DOMAIN_ID not available",
    "FC_DOMAIN_ID not allocated",
    "ESI not available",
    "invalid deregistration",
    "registration feature not supported"
  };

  private Status() {}

  /** A status for an operator. */
  public static String text(int status) {
    return status >= 0 && status < WORDS.length ? WORDS[status] : "status " + status;
  }
}
