// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.state.ConfigurationCheck;

/**
 * Asks the bundles themselves, after Metatype and {@link References} have found nothing. A bundle
 * that does not run is not asked: its component says it at its start.
 */
final class Checks {
  private static final String COLON = ": ";

  private final Supplier<? extends Collection<ConfigurationCheck>> checks;

  Checks(Supplier<? extends Collection<ConfigurationCheck>> checks) {
    this.checks = checks;
  }

  /**
   * @throws AdminException the first thing that is wrong
   */
  void check(Optional<ObjectType> type, Entry entry, Origin origin) {
    if (entry.category() == Category.LOGIN && origin.kind() != Origin.Kind.COMMAND) {
      // Nobody waits for an answer: an account or rule that is left out would leave its target
      // open, so a wrong one of a file is stored and shuts it.
      return;
    }
    for (ConfigurationCheck check : checks.get()) {
      Optional<String> problem = check.problem(entry.typePid(), entry.pid(), entry.values());
      if (problem.isPresent()) {
        throw refusal(type, entry, problem.get());
      }
    }
  }

  private static AdminException refusal(Optional<ObjectType> type, Entry entry, String problem) {
    int colon = problem.indexOf(COLON);
    String key = colon < 0 ? "" : problem.substring(0, colon);
    boolean named = type.flatMap(t -> t.attribute(key)).isPresent();
    return new AdminException(
        Problem.BAD_VALUE,
        entry.pid(),
        named ? key : "",
        named ? entry.text(key) : "",
        named ? problem.substring(colon + COLON.length()) : problem);
  }
}
