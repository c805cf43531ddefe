// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.List;

/**
 * What changes did.
 *
 * @param pids PIDs of the configurations that were made, changed or removed, in the order of the
 *     changes; one that was already as asked is not named
 * @param warnings what is allowed but perhaps not meant, one line each
 */
public record Result(List<String> pids, List<String> warnings) {
  public Result {
    pids = List.copyOf(pids);
    warnings = List.copyOf(warnings);
  }
}
