// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.List;
import java.util.Set;

/**
 * What changes did.
 *
 * @param pids PIDs of the configurations that were made, changed or removed, in the order of the
 *     changes; one that was already as asked is not named
 * @param made those of them that were not there before
 * @param warnings what is allowed but perhaps not meant, one line each
 */
public record Result(List<String> pids, Set<String> made, List<String> warnings) {
  public Result {
    pids = List.copyOf(pids);
    made = Set.copyOf(made);
    warnings = List.copyOf(warnings);
  }
}
