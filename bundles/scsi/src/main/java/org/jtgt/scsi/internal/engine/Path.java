// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.UnitAttention;

/** An I_T_L nexus (SAM-5 4.7.1): one nexus to one logical unit, with its unit attentions. */
final class Path {
  private final Nexus nexus;
  private final LogicalUnit unit;

  // A bit for each condition: established twice before it is reported, it is reported once.
  private final AtomicInteger attentions = new AtomicInteger();

  /** Commands of the path that wait for the store; guarded by the store attachment. */
  int held;

  Path(Nexus nexus, LogicalUnit unit) {
    this.nexus = nexus;
    this.unit = unit;
  }

  Nexus nexus() {
    return nexus;
  }

  LogicalUnit unit() {
    return unit;
  }

  boolean hasAttention() {
    return attentions.get() != 0;
  }

  void establish(UnitAttention attention) {
    attentions.getAndUpdate(bits -> bits | attention.bit());
  }

  void clear(UnitAttention attention) {
    attentions.getAndUpdate(bits -> bits & ~attention.bit());
  }

  /** Takes the condition that comes first. */
  @Nullable Sense takeAttention() {
    int before = attentions.getAndUpdate(bits -> bits & (bits - 1));
    return before == 0
        ? null
        : UnitAttention.values()[Integer.numberOfTrailingZeros(before)].sense();
  }
}
