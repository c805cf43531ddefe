// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.UnitAttention;

/** An I_T_L nexus (SAM-5 4.7.1): one nexus to one logical unit, with its unit attentions. */
final class Path {
  /** Conditions that no command or function of any initiator need have brought about. */
  private static final Set<UnitAttention> SPONTANEOUS =
      EnumSet.of(
          UnitAttention.MEDIUM_CHANGED,
          UnitAttention.ACCESS_STATE_CHANGED,
          UnitAttention.CAPACITY_CHANGED,
          UnitAttention.SOFT_THRESHOLD_REACHED,
          UnitAttention.INQUIRY_DATA_CHANGED,
          UnitAttention.DEVICE_IDENTIFIER_CHANGED,
          UnitAttention.REPORTED_LUNS_CHANGED);

  /** UADE DEPTH (SAM-5 7.10). */
  private static final int ONE_CONDITION = 1;

  private static final int MORE_CONDITIONS = 2;

  private final Nexus nexus;
  private final LogicalUnit unit;

  // A bit for each condition: established twice before it is reported, it is reported once.
  private final AtomicInteger attentions = new AtomicInteger();

  /** Commands of the path in the task set; guarded by the set's lock. */
  int inSet;

  /** Commands of the path that wait for the store; guarded by the store attachment. */
  int held;

  private final AtomicBoolean untoldLoss = new AtomicBoolean();
  private final TransferBudget.Account account;

  Path(Nexus nexus, LogicalUnit unit) {
    this.nexus = nexus;
    this.unit = unit;
    this.account = unit.account().share(nexus.unsent());
  }

  /** Its part of the byte budget. */
  TransferBudget.Account account() {
    return account;
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

  /** The pending conditions as QUERY ASYNCHRONOUS EVENT tells of them (SAM-5 7.10). */
  int asynchronousEvent() {
    int bits = attentions.get();
    if (bits == 0) {
      return 0;
    }
    int depth = Integer.bitCount(bits) == 1 ? ONE_CONDITION : MORE_CONDITIONS;
    Sense first = first(bits).sense();
    return depth << 20 | first.key().code() << 16 | first.code();
  }

  void establish(UnitAttention attention) {
    int before = attentions.getAndUpdate(bits -> bits | attention.bit());
    if ((before & attention.bit()) == 0 && SPONTANEOUS.contains(attention)) {
      nexus.tell(this, attention.sense());
    }
  }

  void clear(UnitAttention attention) {
    attentions.getAndUpdate(bits -> bits & ~attention.bit());
  }

  /** Takes the condition that comes first. */
  @Nullable UnitAttention takeAttention() {
    int before = attentions.getAndUpdate(bits -> bits & (bits - 1));
    return before == 0 ? null : first(before);
  }

  /** As {@link #takeAttention()}, for a task that is to tell of it. */
  @Nullable Sense takeAttention(EngineTask by) {
    UnitAttention taken = takeAttention();
    if (taken == null) {
      return null;
    }
    by.tells(taken);
    return taken.sense();
  }

  /**
   * The condition that CHECK CONDITION reports now; with an interlock it stays pending, until
   * REQUEST SENSE takes it (SPC-4 7.5.8).
   */
  @Nullable Sense reportAttention(EngineTask by) {
    if (interlock() == ModeValues.INTERLOCK_NONE) {
      return takeAttention(by);
    }
    int bits = attentions.get();
    return bits == 0 ? null : first(bits).sense();
  }

  /** A command has ended with a status that has no sense data. */
  void endedWith(ScsiStatus status) {
    if (interlock() == ModeValues.INTERLOCK_STATUS) {
      switch (status) {
        case BUSY -> establish(UnitAttention.PREVIOUS_BUSY);
        case TASK_SET_FULL -> establish(UnitAttention.PREVIOUS_TASK_SET_FULL);
        case RESERVATION_CONFLICT -> establish(UnitAttention.PREVIOUS_RESERVATION_CONFLICT);
        default -> {}
      }
    }
  }

  private int interlock() {
    return unit.modePages().current().unitAttentionInterlock();
  }

  private static UnitAttention first(int bits) {
    return UnitAttention.values()[Integer.numberOfTrailingZeros(bits)];
  }

  /** What its initiator was told is written may be lost. */
  void mayHaveLost() {
    untoldLoss.set(true);
  }

  /** Whether its initiator is to be told that writes may be lost; it is told once. */
  boolean takeLoss() {
    return untoldLoss.get() && untoldLoss.getAndSet(false);
  }

  /** A condition was taken, and its initiator was not told. */
  void giveBack(UnitAttention untold) {
    attentions.getAndUpdate(bits -> bits | untold.bit());
  }
}
