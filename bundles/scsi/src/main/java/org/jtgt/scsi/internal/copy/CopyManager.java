// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * The copy operations of a logical unit that an initiator can ask about, by I_T nexus and list
 * identifier (SPC-4 5.17.2): those that run and the last ones that ended.
 */
final class CopyManager {
  /** Operations whose results are held. */
  private static final int HELD = 64;

  private final Map<Key, Operation> operations = new LinkedHashMap<>();

  private record Key(Registrant nexus, long listIdentifier) {}

  /** One operation, which runs as long as the command that asked for it. */
  static final class Operation implements Task.Ending {
    final int serviceAction;
    private final @Nullable CopyJob job;
    private final List<Runnable> waiting = new ArrayList<>();
    volatile boolean running = true;

    /** Whether it was aborted together with its command. */
    volatile boolean terminated;

    volatile @Nullable Sense failure;
    volatile long transferCount;
    volatile int segments;
    volatile byte @Nullable [] token;

    Operation(int serviceAction, @Nullable CopyJob job) {
      this.serviceAction = serviceAction;
      this.job = job;
    }

    /** Bytes moved until now. */
    long movedBytes() {
      CopyJob now = job;
      return now != null && running ? now.movedBytes() : transferCount;
    }

    int segmentsProcessed() {
      CopyJob now = job;
      return now != null && running ? now.segmentsDone() : segments;
    }

    /** OPERATION COUNTER: commands that units have done for it. */
    int commandsDone() {
      return job == null ? 0 : job.commandsDone();
    }

    void ended(@Nullable Sense why) {
      List<Runnable> waited;
      synchronized (this) {
        CopyJob now = job;
        if (now != null) {
          transferCount = now.movedBytes();
          segments = now.segmentsDone();
        }
        failure = why;
        running = false;
        waited = List.copyOf(waiting);
        waiting.clear();
      }
      waited.forEach(Runnable::run);
    }

    /** The command ends: when the operation has not, it was aborted (SPC-4 5.17.4.6). */
    @Override
    public void taskEnded() {
      if (running) {
        terminated = true;
        ended(null);
      }
      if (job != null) {
        job.release();
      }
    }

    /**
     * COPY OPERATION ABORT (SPC-4 5.17.4.7).
     *
     * @param then runs when nothing is transferred any more
     */
    void abort(Runnable then) {
      synchronized (this) {
        if (running) {
          waiting.add(then);
          if (job != null) {
            job.abort();
          }
          return;
        }
      }
      then.run();
    }
  }

  private CopyManager() {}

  static CopyManager of(Task task) {
    return of(task.unit());
  }

  static CopyManager of(Unit unit) {
    return unit.state(CopyManager.class, CopyManager::new);
  }

  /** Whether an operation of that identifier runs. */
  synchronized boolean isRunning(Task task, long listIdentifier) {
    Operation known = operations.get(new Key(task.registrant(), listIdentifier));
    return known != null && known.running;
  }

  synchronized void begin(Task task, long listIdentifier, Operation operation) {
    Key key = new Key(task.registrant(), listIdentifier);
    operations.remove(key);
    if (operations.size() >= HELD) {
      operations.entrySet().stream()
          .filter(entry -> !entry.getValue().running)
          .map(Map.Entry::getKey)
          .findFirst()
          .ifPresent(operations::remove);
    }
    operations.put(key, operation);
  }

  /** Gives an operation up that is not to be asked about. */
  synchronized void discard(Task task, long listIdentifier) {
    operations.remove(new Key(task.registrant(), listIdentifier));
  }

  /** An I_T nexus was lost: nobody asks for its results any more (SPC-4 6.24). */
  synchronized void nexusLost(Registrant nexus) {
    operations
        .entrySet()
        .removeIf(entry -> entry.getKey().nexus.equals(nexus) && !entry.getValue().running);
  }

  /** The logical unit was reset: results are gone; what runs ends with its commands. */
  synchronized void reset() {
    operations.values().removeIf(operation -> !operation.running);
  }

  synchronized Optional<Operation> find(Task task, long listIdentifier) {
    return Optional.ofNullable(operations.get(new Key(task.registrant(), listIdentifier)));
  }
}
