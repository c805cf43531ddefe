// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.access.Policy.Authentication;
import org.jtgt.iscsi.access.Policy.Redirect;
import org.jtgt.iscsi.text.Key;

/**
 * What all policies together say for one login.
 *
 * @param auth whether the initiator has to authenticate
 * @param values the target's values of operational keys
 * @param maxSessions most sessions of the target; 0 for any number
 * @param redirect where it is sent instead
 * @param problem why nobody is let in; empty when all is well
 */
public record Terms(
    Authentication auth,
    Map<Key, String> values,
    int maxSessions,
    Optional<Redirect> redirect,
    String problem) {
  private static final Comparator<Policy> GENERAL_FIRST =
      Comparator.comparingInt(Policy::closeness).thenComparing(Policy::name);

  /**
   * Puts the policies together that are about a login, the closest one last.
   *
   * @param general the transport's settings, in which each value has its last resort
   */
  static Terms of(Asker asker, List<Policy> policies, Terms general) {
    boolean discovery = asker.targetName().isEmpty();
    Authentication auth = general.auth;
    Map<Key, String> values = new EnumMap<>(Key.class);
    values.putAll(general.values);
    int maxSessions = general.maxSessions;
    Optional<Redirect> redirect = general.redirect;
    String problem = general.problem;
    for (Policy policy :
        policies.stream().filter(p -> p.about(asker)).sorted(GENERAL_FIRST).toList()) {
      auth = (discovery ? policy.discoveryAuth() : policy.auth()).orElse(auth);
      values.putAll(policy.values());
      maxSessions = policy.maxSessions().orElse(maxSessions);
      redirect = policy.redirect().isPresent() && !discovery ? policy.redirect() : redirect;
      problem = policy.problem().isEmpty() ? problem : policy.name() + ": " + policy.problem();
    }
    return new Terms(auth, values, maxSessions, redirect, problem);
  }
}
