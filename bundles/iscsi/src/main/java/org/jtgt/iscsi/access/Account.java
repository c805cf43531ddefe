// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.LoginContext;

/**
 * A CHAP user and where it may log in. An account whose secrets cannot be used still guards its
 * targets: a mistake must not open a door.
 *
 * @param name the instance name of its configuration
 * @param pid its configuration
 * @param user CHAP_N of the initiator
 * @param credential its secrets; empty when there is a problem
 * @param targets names of target configurations or iSCSI names; empty for all
 * @param initiators iSCSI names that may use it; empty for any
 * @param discovery whether it is for discovery sessions too
 * @param problem why nobody can log in with it; empty when it is well
 */
public record Account(
    String name,
    String pid,
    String user,
    Optional<ChapCredential> credential,
    List<NamePattern> targets,
    List<NamePattern> initiators,
    boolean discovery,
    String problem) {
  public Account {
    targets = List.copyOf(targets);
    initiators = List.copyOf(initiators);
  }

  /** True when it is for such a login, whoever the initiator is. */
  boolean guards(LoginContext login) {
    if (login.discovery()) {
      return discovery;
    }
    return targets.isEmpty()
        || targets.stream()
            .anyMatch(t -> t.matches(login.target()) || t.matches(login.targetName()));
  }

  /** True when an initiator may use it. */
  boolean serves(LoginContext login) {
    return guards(login)
        && (initiators.isEmpty()
            || initiators.stream().anyMatch(i -> i.matches(login.initiatorName())));
  }
}
