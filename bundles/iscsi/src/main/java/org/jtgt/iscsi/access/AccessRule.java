// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Lets initiators in to targets, perhaps with another LUN map than the target's, perhaps only to
 * read.
 *
 * @param name the instance name of its configuration
 * @param pid its configuration
 * @param targets names of target configurations or iSCSI names
 * @param initiators iSCSI names; empty for any
 * @param addresses addresses; empty for any
 * @param luns names of logical units by LUN; empty for the target's own map
 * @param readOnly whether writing is refused
 * @param maxSessions most sessions of one initiator with one target; 0 for any number
 * @param problem why the rule lets nobody in; empty when it is well
 */
public record AccessRule(
    String name,
    String pid,
    List<NamePattern> targets,
    List<NamePattern> initiators,
    List<AddressRange> addresses,
    Optional<SortedMap<Integer, String>> luns,
    boolean readOnly,
    int maxSessions,
    String problem) {
  public AccessRule {
    targets = List.copyOf(targets);
    initiators = List.copyOf(initiators);
    addresses = List.copyOf(addresses);
  }

  /** True when the target of the asker is one that this rule is about. */
  boolean about(Asker asker) {
    return targets.stream()
        .anyMatch(target -> target.matches(asker.target()) || target.matches(asker.targetName()));
  }

  /** True when it lets the asker in. */
  boolean admits(Asker asker) {
    return problem.isEmpty()
        && (initiators.isEmpty()
            || initiators.stream().anyMatch(name -> name.matches(asker.initiator())))
        && (addresses.isEmpty()
            || addresses.stream().anyMatch(range -> range.contains(asker.peer())));
  }

  /** How closely it names initiators: the closest rule counts. */
  int closeness() {
    int names = initiators.isEmpty() ? 0 : initiators.stream().allMatch(NamePattern::exact) ? 4 : 2;
    return names + (addresses.isEmpty() ? 0 : 1);
  }
}
