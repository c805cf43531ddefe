// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.text.Key;

/**
 * On what terms initiators log in to targets at portals. What a policy does not say is left to a
 * more general one, at last to the transport's settings.
 *
 * @param name the instance name of its configuration
 * @param pid its configuration
 * @param targets names of target configurations or iSCSI names; empty for all
 * @param portals names of portals; empty for all
 * @param auth for sessions with targets
 * @param discoveryAuth for discovery sessions
 * @param values the target's values of operational keys
 * @param maxSessions most sessions of a target; 0 for any number
 * @param redirect where initiators are sent instead
 * @param problem why it counts as a shut door; empty when it is well
 */
public record Policy(
    String name,
    String pid,
    List<NamePattern> targets,
    List<NamePattern> portals,
    Optional<Authentication> auth,
    Optional<Authentication> discoveryAuth,
    Map<Key, String> values,
    Optional<Integer> maxSessions,
    Optional<Redirect> redirect,
    String problem) {
  public Policy {
    targets = List.copyOf(targets);
    portals = List.copyOf(portals);
    values = Map.copyOf(values);
  }

  /**
   * Another place of a target (RFC 7143 11.13.5, class 1).
   *
   * @param address TargetAddress without the portal group tag or with it
   */
  public record Redirect(String address, boolean permanently) {}

  /** Whether initiators have to authenticate. */
  public enum Authentication {
    /** They must not. */
    NONE,
    /** They must, by CHAP. */
    CHAP,
    /** As they like: the first of their own list. */
    OPTIONAL,
    /** They must where there is an account for them. */
    AUTO
  }

  /** True when it is about what the asker wants. Discovery is no target's. */
  boolean about(Asker asker) {
    return (targets.isEmpty()
            || !asker.targetName().isEmpty()
                && targets.stream()
                    .anyMatch(t -> t.matches(asker.target()) || t.matches(asker.targetName())))
        && (portals.isEmpty() || portals.stream().anyMatch(p -> p.matches(asker.portal())));
  }

  /** How closely it names its targets and portals: the closest policy counts. */
  int closeness() {
    int byTarget = targets.isEmpty() ? 0 : targets.stream().allMatch(NamePattern::exact) ? 8 : 4;
    int byPortal = portals.isEmpty() ? 0 : portals.stream().allMatch(NamePattern::exact) ? 2 : 1;
    return byTarget + byPortal;
  }
}
