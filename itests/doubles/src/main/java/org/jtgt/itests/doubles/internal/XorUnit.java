// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import static org.jtgt.scsi.device.Command.Trait.WITHOUT_STORE;
import static org.jtgt.scsi.device.ReservationRule.READ;
import static org.jtgt.scsi.device.ReservationRule.WRITE;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/**
 * A device of blocks in memory with commands that move data both ways: XDWRITEREAD (SBC-2 5.48,
 * 5.49), with a CDB of 10 bytes and of 32. The disk that ships has no such command, and a transport
 * needs one to be tested with.
 */
final class XorUnit implements DeviceServer {
  static final int BLOCK_BYTES = 512;

  /** Storage array controller (SPC-4 table 139): nobody takes its commands for granted. */
  private static final int DEVICE_TYPE = 0x0C;

  private final byte[] medium;
  private final CommandTable table;

  XorUnit(int blocks, List<Command> primary) {
    medium = new byte[blocks * BLOCK_BYTES];
    List<Command> rows = new ArrayList<>(primary);
    rows.add(
        Command.of(
            "XDWRITEREAD(10)",
            "53 0C FF FF FF FF 00 FF FF 00",
            WRITE,
            XorUnit::xor10,
            WITHOUT_STORE));
    rows.add(
        Command.ofServiceAction(
            "XDWRITEREAD(32)",
            "7F 00 00 00 00 00 3F 18 00 07 0C 00 FF FF FF FF FF FF FF FF 00 00 00 00 00 00 00 00 FF FF FF FF",
            WRITE,
            XorUnit::xor32,
            WITHOUT_STORE));
    rows.add(
        Command.of(
            "READ(10)", "28 00 FF FF FF FF 00 FF FF 00", READ, XorUnit::read, WITHOUT_STORE));
    table = new CommandTable(rows);
  }

  @Override
  public int peripheralDeviceType() {
    return DEVICE_TYPE;
  }

  @Override
  public CommandTable commands() {
    return table;
  }

  private static XorUnit of(Task task) {
    return (XorUnit) task.unit().deviceServer();
  }

  private static void xor10(Task task) {
    task.range(task.cdb32(2), task.cdb16(7));
    of(task).xor(task);
  }

  private static void xor32(Task task) {
    task.range(task.cdb64(12), task.cdb32(28));
    of(task).xor(task);
  }

  private boolean fits(Task task) {
    long end = (task.lba() + task.blocks()) * BLOCK_BYTES;
    if (task.lba() < 0 || task.blocks() < 0 || end > medium.length) {
      task.check(Sense.LBA_OUT_OF_RANGE);
      return false;
    }
    return true;
  }

  private void xor(Task task) {
    if (!fits(task)) {
      return;
    }
    int bytes = (int) task.blocks() * BLOCK_BYTES;
    if (bytes == 0 || task.expectedDataOut() < bytes) {
      task.end(ScsiStatus.GOOD, 0, 0);
      return;
    }
    task.reserve(2 * bytes, reserved -> reserved.receive(bytes, XorUnit::received));
  }

  /** Reads what is there, writes what came, and answers with both XORed (SBC-2 5.48). */
  private static void received(Task task) {
    XorUnit unit = of(task);
    int at = (int) task.lba() * BLOCK_BYTES;
    int bytes = (int) task.blocks() * BLOCK_BYTES;
    byte[] came = task.parameterList();
    byte[] answer = new byte[bytes];
    synchronized (unit.medium) {
      for (int i = 0; i < bytes; i++) {
        answer[i] = (byte) (unit.medium[at + i] ^ came[i]);
        unit.medium[at + i] = came[i];
      }
    }
    fill(task, answer);
    task.end(ScsiStatus.GOOD, bytes, bytes);
  }

  private static void read(Task task) {
    task.range(task.cdb32(2), task.cdb16(7));
    if (of(task).fits(task)) {
      int bytes = (int) task.blocks() * BLOCK_BYTES;
      if (bytes == 0) {
        task.good();
      } else {
        task.reserve(bytes, XorUnit::reserved);
      }
    }
  }

  private static void reserved(Task task) {
    XorUnit unit = of(task);
    int at = (int) task.lba() * BLOCK_BYTES;
    byte[] answer = new byte[(int) task.blocks() * BLOCK_BYTES];
    synchronized (unit.medium) {
      System.arraycopy(unit.medium, at, answer, 0, answer.length);
    }
    fill(task, answer);
    task.end(ScsiStatus.GOOD, answer.length, 0);
  }

  private static void fill(Task task, byte[] answer) {
    int at = 0;
    for (ByteBuffer buffer : task.allocateDataIn(answer.length)) {
      int part = buffer.remaining();
      buffer.put(buffer.position(), answer, at, part);
      at += part;
    }
  }
}
