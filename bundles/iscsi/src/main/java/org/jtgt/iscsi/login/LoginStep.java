// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import org.jtgt.iscsi.pdu.TargetPdu.LoginResponse;
import org.jtgt.iscsi.text.Parameters;

/** What follows a Login Request. */
public sealed interface LoginStep {
  /** The response to send. */
  LoginResponse response();

  /** Its text. */
  byte[] text();

  /** The login goes on. */
  record Answer(LoginResponse response, byte[] text) implements LoginStep {}

  /**
   * The login failed: the connection closes after the response.
   *
   * @param reason for the log
   */
  record Failed(LoginResponse response, byte[] text, String reason) implements LoginStep {}

  /**
   * The login succeeds as soon as the session is ready; the response still lacks the TSIH of a new
   * session.
   *
   * @param identity whose session it is
   * @param tsih the TSIH of the request: 0 for a new session
   * @param cid connection ID
   * @param cmdSn the CmdSN that the request carried
   * @param initiatorAlias InitiatorAlias, perhaps empty
   * @param parameters what was negotiated
   */
  record Done(
      LoginResponse response,
      byte[] text,
      SessionIdentity identity,
      int tsih,
      int cid,
      int cmdSn,
      String initiatorAlias,
      Parameters parameters)
      implements LoginStep {}
}
