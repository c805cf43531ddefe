// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.util.List;
import java.util.Map;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.Key;

/** Whether an initiator may log in to what it names, and on what terms. */
public sealed interface Admission {
  /**
   * It may.
   *
   * @param targetAlias TargetAlias, perhaps empty
   * @param context what is known to whoever authenticates it
   * @param methods the authentication methods that are accepted
   * @param noneAllowed whether it may stay unauthenticated
   * @param ownValues the target's values of operational keys for this session
   */
  record Admitted(
      String targetAlias,
      LoginContext context,
      List<AuthMethod> methods,
      boolean noneAllowed,
      Map<Key, String> ownValues)
      implements Admission {}

  /**
   * It is told to go elsewhere (RFC 7143 11.13.5, class 1).
   *
   * @param targetAddress where to: address, perhaps port and portal group tag
   */
  record Redirected(String targetAddress, boolean permanently) implements Admission {}

  /**
   * It may not.
   *
   * @param reason for the log
   */
  record Refused(LoginStatus status, String reason) implements Admission {}
}
