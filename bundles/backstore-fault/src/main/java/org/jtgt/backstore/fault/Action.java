// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.fault;

import java.time.Duration;
import org.jtgt.backstore.BackstoreException.Kind;

/** What a rule does to an I/O. */
sealed interface Action {
  /** The I/O fails and nothing of it is done. */
  record Fail(Kind kind) implements Action {}

  /** The I/O is done later; rules behind this one are tried too. */
  record Delay(Duration time) implements Action {}

  /** The first bytes of a write are stored, then it fails. */
  record Tear(long bytes) implements Action {}

  /** Nothing is done, and success is answered: what a lying disk does. */
  record Lose() implements Action {}

  /** Nothing is done until the store is drained. */
  record Hang() implements Action {}
}
