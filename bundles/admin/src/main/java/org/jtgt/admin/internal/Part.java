// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One thing that a change of configurations replaces. It is told by what was before and what shall
 * be, so that it can be carried out and taken back, each as often as one likes.
 *
 * @param <T> what is replaced; none is there where it is made or removed
 */
sealed interface Part<T> {
  /** What was before. */
  Optional<T> before();

  /** What shall be. */
  Optional<T> after();

  /** A configuration. */
  record OfConfiguration(Optional<Entry> before, Optional<Entry> after) implements Part<Entry> {
    /** The configuration whichever way it goes. */
    Entry any() {
      return after.or(() -> before).orElseThrow();
    }
  }

  /** The file that made a configuration. */
  record OfFile(Path file, Optional<String> before, Optional<String> after)
      implements Part<String> {}
}
