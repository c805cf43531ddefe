// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskManagementFunction;

/**
 * The SCSI tasks of one connection: delivers commands to the nexus, takes their data, sends their
 * answers (RFC 7143 11.3, 11.4, 11.7, 11.8).
 *
 * <p>Thread rules: the loop, but {@link #submit}, {@link #writer} and {@link #parameters}.
 */
final class ScsiCommands {
  /** O: the command is about more than the initiator expects (RFC 7143 11.4.5.1). */
  private static final int OVERFLOW = 0x04;

  /** U: it is about less. */
  private static final int UNDERFLOW = 0x02;

  private static final int FINAL = 0x80;
  private static final int STATUS = 0x01;
  private static final byte[] NO_SENSE = new byte[0];

  private final Wire wire;
  private final PduWriter writer;
  private final Session session;
  private final Nexus nexus;
  private volatile Parameters parameters;
  private final TaskTable tasks = new TaskTable();
  private final Runnable slotFreed;
  private final CompletionQueue queue = new CompletionQueue();
  private final Runnable drain = this::drain;
  private @Nullable ScsiTask free;
  private int nextTransferTag = 1;
  private int immediateCommands;
  private int heldBytes;
  private boolean batching;
  private boolean closed;

  /**
   * @param slotFreed runs when a command ended without an answer that could show it
   */
  ScsiCommands(Wire wire, PduWriter writer, Session session, Nexus nexus, Runnable slotFreed) {
    this.slotFreed = slotFreed;
    this.wire = wire;
    this.writer = writer;
    this.session = session;
    this.nexus = nexus;
    this.parameters = session.parameters();
  }

  PduWriter writer() {
    return writer;
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
    return tasks.size();
  }

  /** Immediate SCSI commands that have not ended. */
  int immediateRunning() {
    return immediateCommands;
  }

  /** Bytes of unsolicited data held for commands that have not ended. */
  int heldBytes() {
    return heldBytes;
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
    ScsiTask task = free;
    if (task == null) {
      task = new ScsiTask(this);
    } else {
      free = task.next;
      task.next = null;
    }
    heldBytes += data.readableBytes();
    task.begin(header, data);
    tasks.put(task);
    if (task.immediate()) {
      immediateCommands++;
    }
    session.countCommand();
    nexus.execute(task);
  }

  /** Takes a Data-Out PDU for a task. */
  DataOutReceiver.Verdict dataOut(ScsiTask task, Bhs header, ByteBuf data) {
    if (header.targetTransferTag() == Bhs.NO_TAG) {
      heldBytes += data.readableBytes();
      task.addUnsolicited(data.readableBytes());
    }
    return task.dataOutReceiver().receive(header, data);
  }

  int sendR2t(ScsiTask task, int r2tSn, int offset, int desired) {
    int tag = nextTransferTag++;
    if (tag == Bhs.NO_TAG) {
      tag = nextTransferTag++;
    }
    if (!closed) {
      writer.sendR2t(task.lun(), task.initiatorTaskTag(), tag, r2tSn, offset, desired);
    }
    return tag;
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
        closed = true;
        drain();
      }
    }
  }

  /** Goes on with everything queued. */
  void drain() {
    boolean outer = batching;
    batching = true;
    ScsiTask task = queue.takeAll();
    while (task != null) {
      ScsiTask next = task.next;
      task.next = null;
      // Only now may engine threads put it on the queue again.
      ScsiTask.Action action = task.takeWanted();
      if (action != null) {
        act(task, action);
      }
      task = next;
    }
    batching = outer;
    if (!outer) {
      writer.flush();
    }
  }

  /** The connection has ended: nothing more is sent; tasks end as the engine lets go of them. */
  void close() {
    closed = true;
    tasks.forEach(task -> {
      if (task.answered()) {
        release(task);
      }
    });
  }

  /** Ends as {@link #close} and aborts every command; the nexus stays. */
  void abandon(Runnable ended) {
    close();
    List<ScsiTask> left = new ArrayList<>();
    tasks.forEach(left::add);
    if (left.isEmpty()) {
      ended.run();
      return;
    }
    AtomicInteger open = new AtomicInteger(left.size());
    Runnable answered =
        () -> {
          drain();
          if (open.decrementAndGet() == 0) {
            ended.run();
          }
        };
    for (ScsiTask task : left) {
      nexus.manage(
          TaskManagementFunction.ABORT_TASK,
          task.lun(),
          task.tag(),
          ignored -> runInLoop(answered));
    }
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
      case COMPLETE -> {
        if (!closed && task.dataOutReceiver().sequencesOpen()) {
          // Data that is on its way is taken in first, so that its tag is free after the answer.
          task.markAnswered();
        } else {
          answer(task);
        }
      }
      case ABORTED -> {
        release(task);
        if (!closed) {
          slotFreed.run();
        }
      }
    }
  }

  /** Sends the answer of a task that the engine has ended. */
  void answer(ScsiTask task) {
    int toSend =
        Math.min(
            Math.min(task.requiredIn(), task.dataInBuffers().bytes()), task.expectedDataInBytes());
    int written = Math.min(task.requiredOut(), task.expectedDataOutBytes());
    session.countBytes(toSend, written);
    if (!closed) {
      // Out of the table first: the answer's MaxCmdSN already counts the slot as free.
      forget(task);
      send(task, toSend);
      recycle(task);
    } else {
      release(task);
    }
  }

  private void send(ScsiTask task, int toSend) {
    boolean bidirectional = task.bidirectional();
    boolean reads = task.expectedDataInBytes() > 0 || task.requiredIn() > 0;
    int required = reads ? task.requiredIn() : task.requiredOut();
    int expected = reads ? task.expectedDataInBytes() : task.expectedDataOutBytes();
    if (bidirectional) {
      required = task.requiredOut();
      expected = task.expectedDataOutBytes();
    }
    int flags = required > expected ? OVERFLOW : required < expected ? UNDERFLOW : 0;
    int residual = Math.abs(required - expected);
    byte[] sense = task.sense();
    boolean collapse =
        toSend > 0 && task.status() == ScsiStatus.GOOD && sense == null && !bidirectional;
    int pdus = toSend == 0 ? 0 : sendData(task, toSend, collapse ? flags | STATUS : 0, residual);
    if (!collapse) {
      int readResidual = 0;
      if (bidirectional) {
        int difference = task.requiredIn() - task.expectedDataInBytes();
        flags |= difference > 0 ? OVERFLOW << 2 : difference < 0 ? UNDERFLOW << 2 : 0;
        readResidual = Math.abs(difference);
      }
      writer.sendScsiResponse(
          flags,
          task.status().code(),
          sense == null ? NO_SENSE : sense,
          task.initiatorTaskTag(),
          pdus + task.dataOutReceiver().r2tCount(),
          readResidual,
          residual);
    }
  }

  /** Sends the front of the Data-In buffers; gives the number of PDUs. */
  private int sendData(ScsiTask task, int toSend, int lastFlags, int residual) {
    DataInBuffers buffers = task.dataInBuffers();
    int offset = 0;
    int dataSn = 0;
    while (offset < toSend) {
      int bytes = Math.min(buffers.length(dataSn), toSend - offset);
      boolean last = offset + bytes == toSend;
      boolean endsSequence = last || (offset + bytes) % parameters.maxBurstLength() == 0;
      writer.sendDataIn(
          buffers.take(dataSn),
          bytes,
          (endsSequence ? FINAL : 0) | (last ? lastFlags : 0),
          0,
          task.initiatorTaskTag(),
          dataSn,
          offset,
          last && (lastFlags & STATUS) != 0 ? residual : 0);
      dataSn++;
      offset += bytes;
    }
    return dataSn;
  }

  private void release(ScsiTask task) {
    forget(task);
    recycle(task);
  }

  private void forget(ScsiTask task) {
    tasks.remove(task);
    heldBytes -= task.unsolicitedBytes();
    if (task.immediate()) {
      immediateCommands--;
    }
  }

  private void recycle(ScsiTask task) {
    task.reset();
    task.next = free;
    free = task;
  }
}
