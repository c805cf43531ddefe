// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;

/** The target answered a login with a status class other than success (RFC 7143 11.13.5). */
public final class LoginException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Response.Login response;

  public LoginException(Response.Login response) {
    super("login status 0x%04x %s".formatted(response.status(), response.keys().pairs()));
    this.response = response;
  }

  /** Status-Class in the high byte, Status-Detail in the low one, as in the RFC's table. */
  public int status() {
    return response.status();
  }

  /** The last Login Response; for a redirection its keys hold TargetAddress. */
  public Response.Login response() {
    return response;
  }
}
