// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The answers that are being given: of tasks between leaving their set and the end of their answer,
 * counted by the epoch in which they left. A task management function answers after all of them.
 */
final class AnswerEpochs {
  private final TaskSet lock;
  private final AtomicIntegerArray answering = new AtomicIntegerArray(2);
  private volatile int epoch;
  private List<AbortGroup> waitingForEpoch = new ArrayList<>();
  private @Nullable List<AbortGroup> waitingForAnswers;

  /**
   * @param lock the set, whose lock guards them
   */
  AnswerEpochs(TaskSet lock) {
    this.lock = lock;
  }

  /**
   * Counts the beginning of an answer; under the lock of the set.
   *
   * @return the epoch for {@link #answered}
   */
  int begin() {
    answering.incrementAndGet(epoch);
    return epoch;
  }

  /**
   * Lets a group wait for the answers that are being given right now: a command that has left the
   * set is not aborted any more, but must not answer after the function.
   */
  void await(AbortGroup group) {
    group.expect();
    List<AbortGroup> ready;
    synchronized (lock) {
      waitingForEpoch.add(group);
      ready = turn();
    }
    ready.forEach(AbortGroup::arrived);
  }

  /** Counts the end of an answer; {@code since} came from {@link TaskSet#leave}. */
  void answered(int since) {
    if (since >= 0 && answering.decrementAndGet(since) == 0 && since != epoch) {
      List<AbortGroup> ready;
      synchronized (lock) {
        ready = turn();
      }
      ready.forEach(AbortGroup::arrived);
    }
  }

  private List<AbortGroup> turn() {
    List<AbortGroup> ready = new ArrayList<>();
    for (; ; ) {
      if (waitingForAnswers != null) {
        if (answering.get(epoch ^ 1) != 0) {
          return ready;
        }
        ready.addAll(waitingForAnswers);
        waitingForAnswers = null;
      }
      if (waitingForEpoch.isEmpty()) {
        return ready;
      }
      waitingForAnswers = waitingForEpoch;
      waitingForEpoch = new ArrayList<>();
      epoch ^= 1;
    }
  }
}
