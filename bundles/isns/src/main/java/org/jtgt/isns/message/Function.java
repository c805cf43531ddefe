// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns.message;

/** Function IDs (RFC 4171 5.1.2): those that a target's client needs. */
public final class Function {
  /** 5.6.5.1. */
  public static final int DEV_ATTR_REG = 0x0001;

  /** 5.6.5.2. */
  public static final int DEV_ATTR_QRY = 0x0002;

  /** 5.6.5.4. */
  public static final int DEV_DEREG = 0x0004;

  /** 5.6.5.13: the server asks whether the client lives. */
  public static final int ESI = 0x000d;

  /** Set in the response to a request. */
  public static final int RESPONSE = 0x8000;

  private Function() {}
}
