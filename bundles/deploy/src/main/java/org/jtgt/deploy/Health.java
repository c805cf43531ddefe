// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether what depends on bundles is as well after their upgrade as it was before. */
interface Health {
  /** What would be lost if these bundles stopped now, a line each; empty when nothing would. */
  List<String> lostWithout(Set<String> symbolicNames);

  /** PIDs of the objects that depend on bundles and are well now. */
  Set<String> wellWith(Set<String> symbolicNames);

  /** Waits until all of these are well; what is wrong in one line, when they are not in time. */
  Optional<String> problem(Set<String> pids, Duration patience);
}
