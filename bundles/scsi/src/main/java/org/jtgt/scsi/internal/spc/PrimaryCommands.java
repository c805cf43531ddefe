// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import static org.jtgt.scsi.device.Command.Trait.DURING_FORMAT;
import static org.jtgt.scsi.device.Command.Trait.IGNORES_RESERVE;
import static org.jtgt.scsi.device.Command.Trait.IGNORES_UNIT_ATTENTION;
import static org.jtgt.scsi.device.Command.Trait.MEDIUM_ACCESS;
import static org.jtgt.scsi.device.Command.Trait.WITHOUT_STORE;
import static org.jtgt.scsi.device.ReservationRule.ALLOWED;
import static org.jtgt.scsi.device.ReservationRule.READ;
import static org.jtgt.scsi.device.ReservationRule.WRITE;

import java.nio.ByteBuffer;
import java.util.List;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/** The commands of every device type (SPC-4 clause 6). */
public final class PrimaryCommands {
  private static final Command INQUIRY =
      Command.of(
          "INQUIRY",
          "12 01 FF FF FF 00",
          ALLOWED,
          Inquiry::run,
          IGNORES_UNIT_ATTENTION,
          IGNORES_RESERVE,
          WITHOUT_STORE,
          DURING_FORMAT);
  private static final Command REQUEST_SENSE =
      Command.of(
          "REQUEST SENSE",
          "03 01 00 00 FF 00",
          ALLOWED,
          PrimaryCommands::requestSense,
          IGNORES_UNIT_ATTENTION,
          IGNORES_RESERVE,
          WITHOUT_STORE,
          DURING_FORMAT);
  private static final Command REPORT_LUNS =
      Command.of(
          "REPORT LUNS",
          "A0 00 FF 00 00 00 FF FF FF FF 00 00",
          ALLOWED,
          PrimaryCommands::reportLuns,
          IGNORES_UNIT_ATTENTION,
          IGNORES_RESERVE,
          WITHOUT_STORE,
          DURING_FORMAT);

  private PrimaryCommands() {}

  /** What a LUN answers at which nothing is mapped (SAM-5 5.11). */
  public static DeviceServer unmapped() {
    CommandTable table = new CommandTable(List.of(INQUIRY, REQUEST_SENSE, REPORT_LUNS));
    return new DeviceServer() {
      @Override
      public int peripheralDeviceType() {
        return 0x1F;
      }

      @Override
      public CommandTable commands() {
        return table;
      }
    };
  }

  /** The rows. */
  public static List<Command> rows() {
    return List.of(
        INQUIRY,
        REQUEST_SENSE,
        REPORT_LUNS,
        Command.of("TEST UNIT READY", "00 00 00 00 00 00", ALLOWED, Task::good, MEDIUM_ACCESS),
        Command.of("MODE SENSE(6)", "1A 08 FF FF FF 00", READ, ModeSense::run),
        Command.of("MODE SENSE(10)", "5A 18 FF FF 00 00 00 FF FF 00", READ, ModeSense::run),
        Command.of("MODE SELECT(6)", "15 11 00 00 FF 00", WRITE, ModeSelect::six),
        Command.of("MODE SELECT(10)", "55 11 00 00 00 00 00 FF FF 00", WRITE, ModeSelect::ten),
        Command.ofServiceAction(
            "REPORT SUPPORTED OPERATION CODES",
            "A3 0C 87 FF FF FF FF FF FF FF 00 00",
            READ,
            ReportOperationCodes::run,
            WITHOUT_STORE),
        Command.ofServiceAction(
            "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS",
            "A3 0D 80 00 00 00 FF FF FF FF 00 00",
            READ,
            PrimaryCommands::reportTaskManagement,
            WITHOUT_STORE));
  }

  /** SPC-4 6.39. */
  private static void requestSense(Task task) {
    boolean descriptor = (task.cdb(1) & 0x01) != 0;
    Sense sense =
        task.unit().mapped()
            ? task
                .unit()
                .takeUnitAttention(task)
                .orElseGet(() -> task.unit().deviceServer().status())
            : Sense.LOGICAL_UNIT_NOT_SUPPORTED;
    task.reply(sense.encode(descriptor), task.cdb(4));
  }

  /** SPC-4 6.33. */
  private static void reportLuns(Task task) {
    int select = task.cdb(2);
    if (select > 2) {
      task.check(Sense.invalidFieldInCdb(2, 7));
      return;
    }
    // 01h asks for well known logical units only: there are none.
    List<Long> luns = select == 1 ? List.of() : task.unit().luns(task);
    ByteBuffer out = ByteBuffer.allocate(8 + 8 * luns.size());
    out.putInt(8 * luns.size()).putInt(0);
    luns.forEach(out::putLong);
    task.unit().lunsReported(task);
    task.reply(out.array(), task.cdb32(6));
  }

  /** SPC-4 6.36: every function but CLEAR ACA and WAKEUP. */
  private static void reportTaskManagement(Task task) {
    boolean extended = (task.cdb(2) & 0x80) != 0;
    ByteBuffer out = ByteBuffer.allocate(extended ? 16 : 4);
    out.put(0, (byte) 0xDE).put(1, (byte) 0x07).put(3, (byte) (extended ? 12 : 0));
    task.reply(out.array(), task.cdb32(6));
  }
}
