// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

/** Whether a logical unit has acknowledged writes since its last good flush. Any thread. */
final class UnstableWrites {
  private volatile boolean some;

  /** A write was acknowledged that need not be stable. */
  void written() {
    if (!some) {
      some = true;
    }
  }

  /**
   * A flush begins, or what is not stable is given up.
   *
   * @return whether something was written since the last time; said again by {@link #written} when
   *     the flush fails
   */
  boolean take() {
    boolean taken = some;
    some = false;
    return taken;
  }
}
