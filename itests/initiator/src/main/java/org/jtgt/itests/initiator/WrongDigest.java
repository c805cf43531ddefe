// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** A PDU came with a wrong digest (RFC 7143 7.8, 11.2.3). */
public final class WrongDigest extends ProtocolViolation {
  private static final long serialVersionUID = 1L;

  private final boolean header;

  WrongDigest(boolean header, Pdu of) {
    super("11.2.3", (header ? "header" : "data") + " digest wrong in " + of);
    this.header = header;
  }

  /** True when it is the header digest: then the stream cannot be followed any more. */
  public boolean header() {
    return header;
  }
}
