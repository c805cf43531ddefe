// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.spi;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Knows CHAP credentials (RFC 7143 12.1.3): a whiteboard service. Every registered source is asked,
 * by descending service ranking; the first that knows a user decides.
 *
 * <p>Thread rules: any thread, several at once; the answer comes from memory, because network
 * threads wait for it.
 */
@ConsumerType
public interface CredentialSource {
  /**
   * Whether there are credentials for such logins. Where {@code auth} is {@code auto}, one source
   * that says yes makes authentication required; where a source may disappear, {@code auth=chap}
   * keeps the door shut without it.
   */
  boolean guards(LoginContext login);

  /**
   * The credential of a user.
   *
   * @param login who logs in to what
   * @param user the name that the initiator gives as CHAP_N
   * @return empty when this source has no such user for that login
   */
  Optional<ChapCredential> find(LoginContext login, String user);
}
