// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Whether what depends on a bundle is as well after its upgrade as it was before. */
interface Health {
  /** Nothing depends on anything. */
  Health UNKNOWN =
      new Health() {
        @Override
        public Set<String> wellWith(String symbolicName) {
          return Set.of();
        }

        @Override
        public Optional<String> problem(Set<String> pids, Duration patience) {
          return Optional.empty();
        }
      };

  /** PIDs of the objects that depend on a bundle and are well now. */
  Set<String> wellWith(String symbolicName);

  /** Waits until all of these are well; what is wrong in one line, when they are not in time. */
  Optional<String> problem(Set<String> pids, Duration patience);
}
