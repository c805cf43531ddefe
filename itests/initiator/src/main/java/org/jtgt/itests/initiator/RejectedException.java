// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;

/** The target answered a request with a Reject PDU (RFC 7143 11.17). */
public final class RejectedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Response.Reject reject;

  public RejectedException(Response.Reject reject) {
    super("Reject, reason 0x%02x".formatted(reject.reason()));
    this.reject = reject;
  }

  public Response.Reject reject() {
    return reject;
  }
}
