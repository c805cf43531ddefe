// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/**
 * The copy operations of a logical unit that an initiator can ask about, by I_T nexus and list
 * identifier (SPC-4 5.17.2): those that run and the last ones that ended.
 */
final class CopyManager {
  /** Operations whose results are held. */
  private static final int HELD = 64;

  private final Map<Key, Operation> operations = new LinkedHashMap<>();

  private record Key(Registrant nexus, long listIdentifier) {}

  /** One operation. */
  static final class Operation {
    final int serviceAction;
    private final @Nullable CopyJob job;
    volatile boolean running = true;
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

    void ended(@Nullable Sense why) {
      CopyJob now = job;
      if (now != null) {
        transferCount = now.movedBytes();
        segments = now.segmentsDone();
      }
      failure = why;
      running = false;
    }
  }

  private CopyManager() {}

  static CopyManager of(Task task) {
    return task.unit().state(CopyManager.class, CopyManager::new);
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

  synchronized Optional<Operation> find(Task task, long listIdentifier) {
    return Optional.ofNullable(operations.get(new Key(task.registrant(), listIdentifier)));
  }
}
