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
import java.util.ArrayList;
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

  /** LUN of the REPORT LUNS well known logical unit (SAM-5 table 24). */
  public static final long WELL_KNOWN_LUN = 0xC101_0000_0000_0000L;

  private PrimaryCommands() {}

  /** The REPORT LUNS well known logical unit (SPC-4 8.2): device type 1Eh. */
  public static DeviceServer wellKnown() {
    return server(
        0x1E,
        List.of(
            INQUIRY,
            REQUEST_SENSE,
            REPORT_LUNS,
            Command.of(
                "TEST UNIT READY", "00 00 00 00 00 00", ALLOWED, Task::good, WITHOUT_STORE)));
  }

  /** What a LUN answers at which nothing is mapped (SAM-5 5.11). */
  public static DeviceServer unmapped() {
    return server(0x1F, List.of(INQUIRY, REQUEST_SENSE, REPORT_LUNS));
  }

  private static DeviceServer server(int peripheralDeviceType, List<Command> rows) {
    CommandTable table = new CommandTable(rows);
    return new DeviceServer() {
      @Override
      public int peripheralDeviceType() {
        return peripheralDeviceType;
      }

      @Override
      public CommandTable commands() {
        return table;
      }
    };
  }

  /** The rows. */
  public static List<Command> rows() {
    List<Command> rows = new ArrayList<>(basic());
    rows.addAll(
        List.of(
            Command.of(
                "LOG SENSE",
                "4D 00 FF FF 00 FF FF FF FF 00",
                ALLOWED,
                LogCommands::sense,
                WITHOUT_STORE,
                DURING_FORMAT),
            Command.of(
                "LOG SELECT",
                "4C 02 FF FF 00 00 00 FF FF 00",
                WRITE,
                LogCommands::select,
                WITHOUT_STORE),
            Command.of(
                "SEND DIAGNOSTIC", "1D F7 00 FF FF 00", WRITE, Diagnostics::send, MEDIUM_ACCESS),
            Command.of(
                "RECEIVE DIAGNOSTIC RESULTS",
                "1C 01 FF FF FF 00",
                READ,
                Diagnostics::receiveResults,
                WITHOUT_STORE),
            Command.of(
                "WRITE BUFFER",
                "3B 1F FF FF FF FF FF FF FF 00",
                WRITE,
                EchoBuffer::write,
                WITHOUT_STORE),
            Command.of(
                "READ BUFFER(10)",
                "3C 1F FF FF FF FF FF FF FF 00",
                READ,
                EchoBuffer::read,
                WITHOUT_STORE),
            Command.ofServiceAction(
                "REPORT IDENTIFYING INFORMATION",
                "A3 05 00 00 FF FF FF FF FF FF FE 00",
                ALLOWED,
                IdentifyingInformation::report),
            Command.ofServiceAction(
                "SET IDENTIFYING INFORMATION",
                "A4 06 00 00 FF FF FF FF FF FF FE 00",
                WRITE,
                IdentifyingInformation::set),
            Command.ofServiceAction(
                "REPORT TIMESTAMP",
                "A3 0F 00 00 00 00 FF FF FF FF 00 00",
                ALLOWED,
                Timestamp::report,
                WITHOUT_STORE),
            Command.ofServiceAction(
                "SET TIMESTAMP",
                "A4 0F 00 00 00 00 FF FF FF FF 00 00",
                WRITE,
                Timestamp::set,
                WITHOUT_STORE)));
    return rows;
  }

  private static List<Command> basic() {
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
            WITHOUT_STORE,
            DURING_FORMAT),
        Command.ofServiceAction(
            "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS",
            "A3 0D 80 00 00 00 FF FF FF FF 00 00",
            READ,
            PrimaryCommands::reportTaskManagement,
            WITHOUT_STORE,
            DURING_FORMAT));
  }

  /** SPC-4 6.39. */
  private static void requestSense(Task task) {
    boolean descriptor = (task.cdb(1) & 0x01) != 0;
    Sense sense =
        task.unit().mapped()
            ? task.unit()
                .takeUnitAttention(task)
                .orElseGet(() -> task.unit().deviceServer().status())
            : Sense.LOGICAL_UNIT_NOT_SUPPORTED;
    task.reply(sense.encode(descriptor), task.cdb(4));
  }

  /** SPC-4 6.33. */
  private static void reportLuns(Task task) {
    List<Long> luns = new ArrayList<>();
    switch (task.cdb(2)) {
      case 0x00, 0x11 ->
          luns.addAll(task.unit().luns(task)); // no administrative ones, no subsidiaries
      case 0x01 -> luns.add(WELL_KNOWN_LUN);
      case 0x02 -> {
        luns.addAll(task.unit().luns(task));
        luns.add(WELL_KNOWN_LUN);
      }
      case 0x10 -> {} // administrative logical units: there are none
      default -> {
        task.check(Sense.invalidFieldInCdb(2, 7));
        return;
      }
    }
    ByteBuffer out = ByteBuffer.allocate(8 + 8 * luns.size());
    out.putInt(8 * luns.size()).putInt(0);
    luns.forEach(out::putLong);
    task.unit().lunsReported(task);
    task.reply(out.array(), task.cdb32(6));
  }

  /** SPC-4 6.36: every function but WAKEUP. */
  private static void reportTaskManagement(Task task) {
    boolean extended = (task.cdb(2) & 0x80) != 0;
    ByteBuffer out = ByteBuffer.allocate(extended ? 16 : 4);
    out.put(0, (byte) 0xFE).put(1, (byte) 0x07).put(3, (byte) (extended ? 12 : 0));
    task.reply(out.array(), task.cdb32(6));
  }
}
