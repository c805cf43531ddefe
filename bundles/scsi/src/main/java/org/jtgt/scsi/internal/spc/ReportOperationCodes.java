// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/** REPORT SUPPORTED OPERATION CODES (SPC-4 6.35): prints the command table. */
final class ReportOperationCodes {
  /** RECOMMENDED COMMAND TIMEOUT in seconds: longer than any command is held. */
  private static final int RECOMMENDED_TIMEOUT_SECONDS = 60;

  /** The same for what goes over the whole medium: a day. */
  private static final int LONG_TIMEOUT_SECONDS = 86_400;

  private static final int TIMEOUTS_BYTES = 12;

  private ReportOperationCodes() {}

  static void run(Task task) {
    boolean timeouts = (task.cdb(2) & 0x80) != 0;
    int opcode = task.cdb(3);
    int action = task.cdb16(4);
    CommandTable table = task.unit().commands();
    boolean actions = table.hasServiceActions(opcode);
    int options = task.cdb(2) & 0x07;
    switch (options) {
      case 0 -> task.reply(all(table, timeouts), task.cdb32(6));
      case 1, 2 -> {
        if (table.hasOpcode(opcode) && actions != (options == 2)) {
          // Option 1 of an opcode with service actions, option 2 of one without.
          task.check(Sense.invalidFieldInCdb(2, 2));
        } else {
          task.reply(one(find(table, opcode, action), timeouts), task.cdb32(6));
        }
      }
      case 3 ->
          task.reply(
              one(actions || action == 0 ? find(table, opcode, action) : null, timeouts),
              task.cdb32(6));
      default -> task.check(Sense.invalidFieldInCdb(2, 2));
    }
  }

  private static @Nullable Command find(CommandTable table, int opcode, int action) {
    return table.hasServiceActions(opcode) && action > 0x1F ? null : table.find(opcode, action);
  }

  /** SPC-4 6.35.2. */
  private static byte[] all(CommandTable table, boolean timeouts) {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    for (Command command : table.rows()) {
      boolean action = command.serviceAction() != Command.NO_SERVICE_ACTION;
      ByteBuffer row = ByteBuffer.allocate(8);
      row.put(0, (byte) command.opcode());
      row.putShort(2, (short) (action ? command.serviceAction() : 0));
      row.put(5, (byte) ((timeouts ? 0x02 : 0) | (action ? 0x01 : 0)));
      row.putShort(6, (short) command.cdbBytes());
      rows.writeBytes(row.array());
      if (timeouts) {
        rows.writeBytes(timeouts(command));
      }
    }
    byte[] bytes = rows.toByteArray();
    return ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes).array();
  }

  /** SPC-4 6.35.3. */
  private static byte[] one(@Nullable Command command, boolean timeouts) {
    if (command == null) {
      return new byte[] {0, 0x01, 0, 0};
    }
    byte[] usage = command.usage();
    ByteBuffer out = ByteBuffer.allocate(4 + usage.length + (timeouts ? TIMEOUTS_BYTES : 0));
    out.put((byte) 0).put((byte) (timeouts ? 0x83 : 0x03)).putShort((short) usage.length);
    out.put(usage);
    if (timeouts) {
      out.put(timeouts(command));
    }
    return out.array();
  }

  /** SPC-4 6.35.4. */
  private static byte[] timeouts(Command command) {
    ByteBuffer out = ByteBuffer.allocate(TIMEOUTS_BYTES);
    out.putShort(0, (short) (TIMEOUTS_BYTES - 2));
    boolean slow = command.is(Command.Trait.LONG_RUNNING);
    out.putInt(8, slow ? LONG_TIMEOUT_SECONDS : RECOMMENDED_TIMEOUT_SECONDS);
    return out.array();
  }
}
