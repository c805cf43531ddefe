// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitAttention;

/**
 * Looks now and then how much space a thin provisioned unit holds, and raises THIN PROVISIONING
 * SOFT THRESHOLD REACHED when a threshold is crossed upwards (SBC-3 4.7.3.8): that of the Logical
 * Block Provisioning mode page, and the one the operator configured. Below it, it is armed again.
 */
final class ThresholdWatch {
  /** THRESHOLD EXPONENT: a threshold set is 2^11 blocks, a megabyte of blocks of 512. */
  static final int EXPONENT = 11;

  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Unit unit;
  private final BlockDevice device;
  private volatile boolean closed;
  private boolean waiting;
  private volatile boolean reached;

  ThresholdWatch(Unit unit, BlockDevice device) {
    this.unit = unit;
    this.device = device;
  }

  void close() {
    closed = true;
  }

  /** Looks soon, and again for as long as there is a threshold. */
  void look() {
    synchronized (this) {
      if (waiting || closed) {
        return;
      }
      waiting = true;
    }
    unit.after(PAUSE, () -> unit.background(this::begin, sense -> again()));
  }

  private void again() {
    synchronized (this) {
      waiting = false;
    }
    look();
  }

  private void begin(Task task) {
    if (closed || unit.store().isEmpty() || threshold().isEmpty()) {
      task.good();
    } else {
      task.mayWait(this::compare);
    }
  }

  /** Bytes above which space is short; empty without a threshold. */
  private Optional<Long> threshold() {
    if (!unit.unmaps()) {
      return Optional.empty();
    }
    Unit.Medium medium = unit.attachedMedium();
    long least = Long.MAX_VALUE;
    byte[] page = unit.mode().page(BlockModePages.PROVISIONING);
    if (page.length >= 24 && (page[16] & 0x80) != 0) {
      long sets = ByteBuffer.wrap(page).getInt(20) & 0xFFFF_FFFFL;
      least = (sets << EXPONENT) * medium.blockBytes();
    }
    int percent = device.options().thresholdPercent();
    if (percent > 0) {
      least = Math.min(least, medium.blocks() * medium.blockBytes() / 100 * percent);
    }
    return least == Long.MAX_VALUE ? Optional.empty() : Optional.of(least);
  }

  private void compare(Task task) {
    Optional<Long> threshold = threshold();
    Optional<FreeSpace> space = unit.store().flatMap(store -> store.adapt(FreeSpace.class));
    if (threshold.isPresent() && space.isPresent()) {
      try {
        boolean now = space.get().allocatedBytes() >= threshold.get();
        if (now && !reached) {
          unit.establish(UnitAttention.SOFT_THRESHOLD_REACHED, null);
        }
        reached = now;
      } catch (IOException unreadable) {
        // The next look may see more.
        reached = false;
      }
    }
    task.good();
  }
}
