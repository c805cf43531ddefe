// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.ScsiTarget;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.jtgt.scsi.TransportCondition;

/**
 * A SCSI target with one small disk in memory, enough for real initiators: INQUIRY, REPORT LUNS,
 * READ CAPACITY, MODE SENSE, READ and WRITE. Commands run by an executor that the test chooses.
 */
public final class FakeTarget implements ScsiTarget {
  static final int BLOCK = 512;

  private final String name;
  private final ByteBuffer disk;
  private final Executor executor;
  final List<String> log = new ArrayList<>();
  final List<Long> cleared = new ArrayList<>();
  final Set<FakeNexus> nexuses = new HashSet<>();

  public FakeTarget(String name, int bytes, Executor executor) {
    this.name = name;
    this.disk = ByteBuffer.allocate(bytes);
    this.executor = executor;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String alias() {
    return "a fake";
  }

  @Override
  public Set<String> portals() {
    return Set.of();
  }

  ByteBuffer disk() {
    return disk;
  }

  @Override
  public synchronized Nexus connect(
      ScsiPort initiator, ScsiPort target, NexusView view, NexusListener listener) {
    FakeNexus nexus = new FakeNexus(initiator, target, listener);
    nexus.view = view;
    nexuses.add(nexus);
    return nexus;
  }

  /** A nexus whose commands can be held back. */
  final class FakeNexus implements Nexus {
    final ScsiPort initiator;
    final ScsiPort target;
    final NexusListener listener;
    final List<ScsiCommand> running = new ArrayList<>();
    final List<Integer> priorities = new ArrayList<>();
    volatile NexusView view = NexusView.WHOLE;
    boolean closed;
    int pendingEvent;

    FakeNexus(ScsiPort initiator, ScsiPort target, NexusListener listener) {
      this.initiator = initiator;
      this.target = target;
      this.listener = listener;
    }

    @Override
    public void view(NexusView changed) {
      view = changed;
    }

    @Override
    public void execute(ScsiCommand command) {
      synchronized (this) {
        running.add(command);
        priorities.add(command.priority());
      }
      executor.execute(() -> run(command));
    }

    private synchronized boolean ends(ScsiCommand command) {
      return running.remove(command);
    }

    private void run(ScsiCommand command) {
      synchronized (this) {
        if (!running.contains(command)) {
          return;
        }
      }
      ByteBuffer cdb = command.cdb();
      switch (cdb.get(0) & 0xff) {
        case 0x00 -> good(command, 0, 0);
        case 0x12 -> inquiry(command);
        case 0x1a -> data(command, new byte[] {3, 0, 0, 0}, cdb.get(4) & 0xff);
        case 0x25 ->
            data(
                command,
                ByteBuffer.allocate(8).putInt(disk.capacity() / BLOCK - 1).putInt(BLOCK).array(),
                8);
        case 0x9e ->
            data(
                command,
                ByteBuffer.allocate(32).putLong(disk.capacity() / BLOCK - 1).putInt(BLOCK).array(),
                cdb.getInt(10));
        case 0xa0 -> data(command, new byte[] {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 16);
        case 0x28 -> read(command, cdb.getInt(2), cdb.getShort(7) & 0xffff);
        case 0x88 -> read(command, (int) cdb.getLong(2), cdb.getInt(10));
        case 0x2a -> write(command, cdb.getInt(2), cdb.getShort(7) & 0xffff);
        case 0x8a -> write(command, (int) cdb.getLong(2), cdb.getInt(10));
        case 0x35, 0x91 -> good(command, 0, 0);
        default -> check(command, 0x05, 0x2000);
      }
    }

    private void inquiry(ScsiCommand command) {
      byte[] data = new byte[36];
      data[2] = 6;
      data[3] = 2;
      data[4] = 31;
      System.arraycopy("JTGT    FAKE            0001".getBytes(), 0, data, 8, 28);
      if ((command.cdb().get(1) & 1) != 0) {
        byte[] page = new byte[64];
        page[1] = command.cdb().get(2);
        page[3] = 60;
        data(command, page, command.cdb().getShort(3) & 0xffff);
      } else {
        data(command, data, command.cdb().getShort(3) & 0xffff);
      }
    }

    private void data(ScsiCommand command, byte[] data, int allocation) {
      int bytes = Math.min(data.length, allocation);
      if (bytes > 0) {
        command.allocateDataIn(bytes)[0].put(data, 0, bytes);
      }
      good(command, bytes, 0);
    }

    private void read(ScsiCommand command, int lba, int blocks) {
      int bytes = blocks * BLOCK;
      int at = lba * BLOCK;
      if (at < 0 || at + bytes > disk.capacity()) {
        check(command, 0x05, 0x2100);
        return;
      }
      if (bytes > 0) {
        for (ByteBuffer buffer : command.allocateDataIn(bytes)) {
          int part = buffer.remaining();
          buffer.put(disk.slice(at, part));
          at += part;
        }
      }
      good(command, bytes, 0);
    }

    private void write(ScsiCommand command, int lba, int blocks) {
      int bytes = blocks * BLOCK;
      int at = lba * BLOCK;
      if (at < 0 || at + bytes > disk.capacity()) {
        check(command, 0x05, 0x2100);
        return;
      }
      if (bytes == 0) {
        good(command, 0, 0);
        return;
      }
      command.receiveDataOut(
          Math.min(bytes, command.expectedDataOutBytes()),
          new ScsiCommand.DataOutReady() {
            @Override
            public void dataOutReady() {
              int to = at;
              for (int i = 0; i < command.dataOutBuffers(); i++) {
                ByteBuffer from = command.dataOut()[i];
                int part = from.remaining();
                disk.slice(to, part).put(from);
                to += part;
              }
              good(command, 0, bytes);
            }

            @Override
            public void dataOutFailed(TransportCondition condition) {
              log.add(condition.toString());
              check(
                  command,
                  0x0b,
                  switch (condition) {
                    case UNEXPECTED_UNSOLICITED_DATA -> 0x0c0c;
                    case INCORRECT_AMOUNT_OF_DATA -> 0x0c0d;
                    case PROTOCOL_SERVICE_CRC_ERROR -> 0x4705;
                    case SNACK_REJECTED -> 0x1113;
                  });
            }
          });
    }

    private void good(ScsiCommand command, int in, int out) {
      if (ends(command)) {
        command.complete(ScsiStatus.GOOD, null, in, out);
      }
    }

    private void check(ScsiCommand command, int key, int asc) {
      byte[] sense = new byte[18];
      sense[0] = 0x70;
      sense[2] = (byte) key;
      sense[7] = 10;
      sense[12] = (byte) (asc >> 8);
      sense[13] = (byte) asc;
      if (ends(command)) {
        command.complete(ScsiStatus.CHECK_CONDITION, sense, 0, 0);
      }
    }

    @Override
    public void manage(
        TaskManagementFunction function,
        long lun,
        long tag,
        Consumer<TaskManagementResponse> answer) {
      log.add(function + " " + tag);
      List<ScsiCommand> aborted = new ArrayList<>();
      synchronized (this) {
        for (ScsiCommand command : running) {
          if (function != TaskManagementFunction.ABORT_TASK || command.tag() == tag) {
            aborted.add(command);
          }
        }
        running.removeAll(aborted);
      }
      aborted.forEach(ScsiCommand::aborted);
      if (function == TaskManagementFunction.QUERY_ASYNCHRONOUS_EVENT && pendingEvent != 0) {
        answer.accept(TaskManagementResponse.FUNCTION_SUCCEEDED);
        return;
      }
      answer.accept(
          function == TaskManagementFunction.ABORT_TASK && aborted.isEmpty()
              ? TaskManagementResponse.TASK_DOES_NOT_EXIST
              : TaskManagementResponse.FUNCTION_COMPLETE);
    }

    @Override
    public int asynchronousEvent(long lun) {
      return pendingEvent;
    }

    @Override
    public void commandsCleared(long lun) {
      cleared.add(lun);
    }

    @Override
    public void close(Runnable ended) {
      List<ScsiCommand> left;
      synchronized (this) {
        closed = true;
        left = List.copyOf(running);
        running.clear();
      }
      left.forEach(ScsiCommand::aborted);
      synchronized (FakeTarget.this) {
        nexuses.remove(this);
      }
      ended.run();
    }
  }
}
