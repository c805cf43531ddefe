// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.concurrent.atomic.AtomicInteger;

/** Runs something once, when everything it was told to expect has arrived. */
final class AbortGroup {
  private final AtomicInteger missing = new AtomicInteger(1);
  private final Runnable complete;

  AbortGroup(Runnable complete) {
    this.complete = complete;
  }

  /** One more to come. */
  void expect() {
    missing.incrementAndGet();
  }

  /** Whether nothing is missing any more. */
  boolean isComplete() {
    return missing.get() == 0;
  }

  /** One has come; also said once by who made the group, when nothing more is to be expected. */
  void arrived() {
    if (missing.decrementAndGet() == 0) {
      complete.run();
    }
  }
}
