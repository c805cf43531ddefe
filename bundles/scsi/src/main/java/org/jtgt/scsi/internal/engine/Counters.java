// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.SenseKey;

/** What a logical unit has done since it was made. */
final class Counters {
  /** Command weight (SPC-4 7.3.6.2): 360,360 by the command priority, 7 where there is none. */
  private static final int WEIGHT = 360_360;

  private static final int USUAL_PRIORITY = 7;

  private final LongAdder readCommands = new LongAdder();
  private final LongAdder readBytes = new LongAdder();
  private final LongAdder writeCommands = new LongAdder();
  private final LongAdder writeBytes = new LongAdder();
  private final LongAdder otherCommands = new LongAdder();

  /** What priorities add to, or take from, the weight that commands without one have. */
  private final LongAdder priorities = new LongAdder();

  private final LongAdder errors = new LongAdder();
  private final LongAdder unitAttentions = new LongAdder();

  /** Counts the end of a command; an error is what the initiator did not cause. */
  void count(EngineTask task, ScsiStatus status, byte @Nullable [] sense) {
    if (sense != null) {
      int key = sense[(sense[0] & 0x7E) == 0x72 ? 1 : 2] & 0x0F;
      if (key == SenseKey.NOT_READY.code()
          || key == SenseKey.MEDIUM_ERROR.code()
          || key == SenseKey.HARDWARE_ERROR.code()
          || key == SenseKey.DATA_PROTECT.code()
          || isTimeout(sense)) {
        errors.increment();
      } else if (key == SenseKey.UNIT_ATTENTION.code()) {
        unitAttentions.increment();
      }
    } else if (status == ScsiStatus.BUSY) {
      errors.increment();
    }
    Command command = task.commandOrNull();
    if (command == null || !command.is(Command.Trait.TRANSFERS_BLOCKS)) {
      otherCommands.increment();
      return;
    }
    if (task.priority() != PrioritizedQueue.NONE) {
      priorities.add(WEIGHT / task.priority() - WEIGHT / USUAL_PRIORITY);
    }
    if (command.is(Command.Trait.WRITES)) {
      writeCommands.increment();
      writeBytes.add(status == ScsiStatus.GOOD ? task.transferredBytes() : 0);
    } else {
      readCommands.increment();
      readBytes.add(status == ScsiStatus.GOOD ? task.transferredBytes() : 0);
    }
  }

  private static boolean isTimeout(byte[] sense) {
    return sense[(sense[0] & 0x7E) == 0x72 ? 2 : 12]
        == (byte) (Sense.COMMAND_TIMEOUT_DURING_PROCESSING.code() >> 8);
  }

  long readCommands() {
    return readCommands.sum();
  }

  long readBytes() {
    return readBytes.sum();
  }

  long writeCommands() {
    return writeCommands.sum();
  }

  long writeBytes() {
    return writeBytes.sum();
  }

  /** Sum of the command weights of reads and writes. */
  long commandWeight() {
    long usual = WEIGHT / USUAL_PRIORITY;
    return (readCommands.sum() + writeCommands.sum()) * usual + priorities.sum();
  }

  long otherCommands() {
    return otherCommands.sum();
  }

  /** Unit attention conditions that were reported with CHECK CONDITION. */
  long unitAttentions() {
    return unitAttentions.sum();
  }

  long errors() {
    return errors.sum();
  }
}
