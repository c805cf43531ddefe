// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.Nexus;

/**
 * The SCSI tasks of one connection: delivers commands to the nexus, takes their data, sends their
 * answers (RFC 7143 11.3, 11.4, 11.7, 11.8).
 *
 * <p>Thread rules: the loop, but {@link #submit}, {@link #writer} and {@link #parameters}.
 */
final class ScsiCommands {
  private final Wire wire;
  private final PduWriter writer;
  private final Session session;
  private final Nexus nexus;
  private volatile Parameters parameters;
  private final ScsiAnswers answers;
  private final SentAnswers sent;
  private final boolean recovering;
  private final TaskTable tasks = new TaskTable();
  private final Runnable slotFreed;
  private final DataOutTransfers transfers;
  private final CompletionQueue queue = new CompletionQueue();
  private final Runnable drain = this::drain;
  private @Nullable ScsiTask free;
  private boolean batching;
  private boolean closed;

  /** The connection has failed; its tasks may be reassigned (RFC 7143 7.2.2). */
  private boolean suspended;

  /**
   * @param slotFreed runs when a command ended without an answer that could show it
   */
  ScsiCommands(
      Wire wire,
      PduWriter writer,
      OpenSession open,
      Nexus nexus,
      Parameters parameters,
      Runnable slotFreed) {
    this.transfers = new DataOutTransfers(writer, open.settings().solicitedBytes());
    this.slotFreed = slotFreed;
    this.wire = wire;
    this.writer = writer;
    this.session = open.session();
    this.nexus = nexus;
    this.parameters = parameters;
    this.answers = new ScsiAnswers(writer);
    this.sent = new SentAnswers(writer, answers);
    this.recovering = parameters.errorRecoveryLevel() > 0;
  }

  PduWriter writer() {
    return writer;
  }

  DataOutTransfers transfers() {
    return transfers;
  }

  Parameters parameters() {
    return parameters;
  }

  /** The initiator declared other lengths; for commands that ask for buffers from now on. */
  void parameters(Parameters changed) {
    parameters = changed;
  }

  /** Commands that have not ended. */
  int running() {
    return tasks.size() - sent.count();
  }

  /** Bytes of Data-In kept until the initiator acknowledges them. */
  int keptBytes() {
    return sent.bytes();
  }

  /** The task whose Data-In PDUs ask for an acknowledgement with a tag. */
  @Nullable ScsiTask acknowledgedBy(int transferTag) {
    return tasks.find(task -> task.isAcknowledgedBy(transferTag));
  }

  /** Immediate SCSI commands that have not ended. */
  int immediateRunning() {
    return tasks.immediate();
  }

  /** Bytes of unsolicited data held for commands that have not ended. */
  int heldBytes() {
    return tasks.heldBytes();
  }

  @Nullable ScsiTask find(int initiatorTaskTag) {
    return tasks.get(initiatorTaskTag);
  }

  /** Between {@code true} and {@code false} answers are written and flushed together. */
  void batch(boolean begins) {
    batching = begins;
  }

  /** Delivers a SCSI Command in its turn; its data is taken over. */
  void deliver(Bhs header, ByteBuf data) {
    ScsiTask task = unused();
    task.begin(header, data);
    tasks.put(task);
    session.countCommand();
    nexus.execute(task);
  }

  private ScsiTask unused() {
    ScsiTask task = free;
    if (task == null) {
      return new ScsiTask(this);
    }
    free = task.next;
    task.next = null;
    return task;
  }

  /** Takes a Data-Out PDU for a task. */
  DataOutReceiver.Verdict dataOut(ScsiTask task, Bhs header, ByteBuf data) {
    if (header.targetTransferTag() == Bhs.NO_TAG) {
      tasks.addUnsolicited(task, data.readableBytes());
    }
    return transfers.receive(task, header, data);
  }

  /** The engine wants something for a task: at once when the loop is in a batch, else queued. */
  void submit(ScsiTask task, ScsiTask.Action action) {
    if (wire.inLoop() && batching && task.wantsNothing()) {
      act(task, action);
    } else if (task.want(action) && queue.push(task)) {
      try {
        wire.execute(drain);
      } catch (RejectedExecutionException e) {
        // The loop has ended, and with it the connection: only buffers are left to release.
        stop();
        drain();
      }
    }
  }

  /** Goes on with everything queued. */
  void drain() {
    boolean outer = batching;
    batching = true;
    try {
      goOn(queue.takeAll());
    } finally {
      batching = outer;
    }
    if (!outer) {
      writer.flush();
    }
  }

  /** Goes on with linked tasks, with the rest of them too when one fails (no memory, a bug). */
  private void goOn(@Nullable ScsiTask first) {
    ScsiTask task = first;
    while (task != null) {
      ScsiTask next = task.next;
      task.next = null;
      boolean done = false;
      try {
        // Only now may engine threads put it on the queue again.
        ScsiTask.Action action = task.takeWanted();
        if (action != null) {
          ScsiCommands owner = task.owner();
          owner.act(task, action);
          if (owner != this) {
            owner.writer.flush();
          }
        }
        done = true;
      } finally {
        if (!done) {
          // Its answer will never come: the initiator has to know.
          wire.close();
          goOn(next);
        }
      }
      task = next;
    }
  }

  /** The connection has ended: nothing more is sent; tasks end as the engine lets go of them. */
  void close() {
    stop();
    suspended = false;
    tasks.forEach(task -> {
      if (task.isEnginesStill()) {
        detach(task);
      } else if (task.answered() || task.answer() != ScsiTask.Answer.PENDING) {
        release(task);
      }
    });
  }

  /** The connection has failed: its tasks go on without it until they are reassigned or aborted. */
  void suspend() {
    suspended = true;
    transfers.stop();
  }

  private void stop() {
    closed = true;
    transfers.stop();
  }

  /** Nothing was heard for a while: asks again for data that stays away (RFC 7143 7.2.2). */
  void askAgain() {
    tasks.forEach(transfers::askAgain);
    transfers.proceed();
  }

  /** The initiator acknowledged the status of a task. */
  void acknowledged(int initiatorTaskTag) {
    ScsiTask task = tasks.get(initiatorTaskTag);
    if (task != null && task.answer() == ScsiTask.Answer.SENT) {
      release(task);
    }
  }

  /**
   * Carries a task of a failed connection on (RFC 7143 7.2.2).
   *
   * @param expDataSn the DataSN or R2TSN that the initiator expects next; 0 when it does not say
   */
  void adopt(ScsiTask task, int expDataSn) {
    task.owner().forget(task);
    task.owner(this);
    tasks.put(task);
    if (task.answer() == ScsiTask.Answer.PENDING) {
      task.dataOutReceiver().moved(expDataSn);
      if (task.answered()) {
        answer(task);
      }
    } else if (task.answer() == ScsiTask.Answer.SENT) {
      sent.carryOn(task, expDataSn, parameters);
    } else {
      sent.send(task, parameters);
    }
  }

  /** Sends everything that is not acknowledged anew, for an R-Data SNACK (RFC 7143 11.16.3). */
  void sendResegmented(ScsiTask task) {
    sent.sendResegmented(task, parameters);
  }

  /** Ends as {@link #close} and aborts every command; the nexus stays. */
  void abandon(Runnable ended) {
    close();
    List<ScsiTask> left = new ArrayList<>();
    tasks.forEach(left::add);
    AbandonedCommands.abort(
        left,
        nexus,
        answered ->
            runInLoop(() -> {
              drain();
              answered.run();
            }),
        ended);
  }

  private void runInLoop(Runnable action) {
    try {
      wire.execute(action);
    } catch (RejectedExecutionException e) {
      action.run();
    }
  }

  private void act(ScsiTask task, ScsiTask.Action action) {
    switch (action) {
      case RECEIVE_DATA -> {
        if (!closed) {
          task.receiveRequested();
        }
      }
      case COMPLETE, ANSWER_EARLY -> {
        if (!closed && !suspended && task.dataOutReceiver().sequencesOpen()) {
          // Data that is on its way is taken in first, so that its tag is free after the answer.
          task.markAnswered();
        } else {
          answer(task);
        }
      }
      case LET_GO -> {
        task.engineLetGo();
        if (task.isDetached()) {
          recycle(task);
        } else {
          // It has ended before its answer was sent, which need not be early any more.
          act(task, ScsiTask.Action.COMPLETE);
        }
      }
      case ABORTED -> {
        release(task);
        if (!closed && !suspended) {
          slotFreed.run();
        }
      }
    }
    transfers.proceed();
  }

  /** Sends the answer of a task that the engine has ended, or will end without one. */
  void answer(ScsiTask ended) {
    ScsiTask task = ended.isEnginesStill() ? standIn(ended) : ended;
    if (task.answer() == ScsiTask.Answer.PENDING) {
      int written = Math.min(task.requiredOut(), task.expectedDataOutBytes());
      session.countBytes(task.dataInToSend(), written);
    }
    if (closed) {
      release(task);
    } else if (suspended) {
      task.answer(ScsiTask.Answer.UNSENT);
    } else if (recovering) {
      sent.send(task, parameters);
    } else {
      // Out of the table first: the answer's MaxCmdSN already counts the slot as free.
      forget(task);
      try {
        answers.send(task, parameters);
      } finally {
        recycle(task);
      }
      writer.answered();
    }
  }

  /** The answer of a task has gone out, or never will. */
  void sent(ScsiTask task) {
    keepForNext(task);
    task.reservation().giveBack();
  }

  /** Another object, for the answer of a task that is still the engine's, with its buffers. */
  private ScsiTask standIn(ScsiTask task) {
    detach(task);
    ScsiTask other = unused();
    other.answersFor(task);
    tasks.put(other);
    return other;
  }

  private void detach(ScsiTask task) {
    forget(task);
    task.detach();
  }

  private void release(ScsiTask task) {
    forget(task);
    if (task.reservation().held()) {
      // Later, for the engine may go on with other commands of this connection then.
      runInLoop(task.reservation().givingBack());
    }
    recycle(task);
  }

  private void forget(ScsiTask task) {
    tasks.remove(task);
    sent.forget(task);
    transfers.leave(task);
  }

  private void recycle(ScsiTask task) {
    task.reset();
    if (task.reservation().held()) {
      writer.afterWrites(task.sent);
    } else {
      keepForNext(task);
    }
  }

  private void keepForNext(ScsiTask task) {
    task.next = free;
    free = task;
  }
}
