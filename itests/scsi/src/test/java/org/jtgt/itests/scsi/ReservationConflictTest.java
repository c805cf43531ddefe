// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every command of {@code conflicts.tsv} under every reservation from every kind of I_T nexus: the
 * holder, a registered one and one that is not registered.
 */
@ExtendWith(DaemonUnderTest.class)
class ReservationConflictTest {
  private static final long HOLDER = 0xa1;
  private static final long REGISTERED = 0xb2;

  /** A row; {@code columns} are WE, EA, reg, WEu, EAu. */
  private record Row(
      String name, byte[] cdb, int dataIn, int dataOut, String columns, boolean changes) {

    static Row of(String line) {
      String[] f = line.split("\t");
      boolean changes = f[0].startsWith("!");
      return new Row(
          changes ? f[0].substring(1) : f[0],
          Host.hex(f[1]),
          Integer.parseInt(f[2]),
          Integer.parseInt(f[3]),
          f[4] + f[5] + f[6] + f[7] + f[8],
          changes);
    }

    /** What the tables say about a registered nexus that does not hold the reservation. */
    char registered(int type) {
      return switch (type) {
        case Host.WRITE_EXCLUSIVE -> columns.charAt(0);
        case Host.EXCLUSIVE_ACCESS -> columns.charAt(1);
        default -> columns.charAt(2);
      };
    }

    char unregistered(int type) {
      return switch (type) {
        case Host.WRITE_EXCLUSIVE -> columns.charAt(0);
        case Host.EXCLUSIVE_ACCESS -> columns.charAt(1);
        case Host.WRITE_EXCLUSIVE_RO, Host.WRITE_EXCLUSIVE_AR -> columns.charAt(3);
        default -> columns.charAt(4);
      };
    }

    ScsiResult execute(LogicalUnit disk) throws IOException {
      return dataOut > 0
          ? disk.out(cdb, new byte[dataOut])
          : dataIn > 0 ? disk.in(cdb, dataIn) : disk.none(cdb);
    }
  }

  @AfterEach
  void leaveNoReservation(Daemon daemon) throws Exception {
    Host.clearReservations(daemon, Daemon.DISK);
  }

  @ParameterizedTest(name = "type {0}")
  @Section("SPC-4 5.12.1 tables 65 and 66, SBC-3 4.17 table 13")
  @ValueSource(ints = {1, 3, 5, 6, 7, 8})
  void a_reservation_stops_what_the_tables_say_and_nothing_else(int type, Daemon daemon)
      throws Exception {
    try (Host holder = Host.of(daemon, Daemon.DISK);
        Host registered = Host.of(daemon, Daemon.DISK);
        Host unregistered = Host.of(daemon, Daemon.DISK)) {
      Claims claims = new Claims(holder);
      holder.register(HOLDER);
      registered.register(REGISTERED);
      holder.reserve(type, HOLDER);
      for (Host host : List.of(holder, registered, unregistered)) {
        host.attentions();
      }
      List<String> wrong = new ArrayList<>();
      int sent = 0;
      for (Row row : rows()) {
        if (!claims.has(row.cdb)) {
          continue;
        }
        sent++;
        check(row, 'A', holder, "the holder", wrong);
        check(row, row.registered(type), registered, "a registered nexus", wrong);
        check(row, row.unregistered(type), unregistered, "a nexus not registered", wrong);
      }
      assertThat(wrong).isEmpty();
      assertThat(sent).as("rows that were sent").isGreaterThan(30);
      assertThat(holder.reservation()).as("the reservation at the end").hasSize(2);
    }
  }

  private static void check(Row row, char rule, Host host, String who, List<String> wrong)
      throws IOException {
    if (rule == 'E' || (rule == 'A' && row.changes)) {
      return;
    }
    ScsiResult result = row.execute(host.disk());
    if (result.sense().filter(s -> s.key() == Sense.UNIT_ATTENTION).isPresent()) {
      result = row.execute(host.disk());
    }
    boolean conflict = result.status() == ScsiResult.RESERVATION_CONFLICT;
    if (conflict != (rule == 'C')) {
      wrong.add(row.name + " from " + who + ": " + result);
    }
  }

  @Test
  @Section("SPC-4 5.12.1")
  void every_claimed_command_is_in_the_table_or_named_here(Daemon daemon) throws Exception {
    // PERSISTENT RESERVE OUT has a table of its own, RESERVE and RELEASE have other rules (SPC-2).
    List<Integer> elsewhere = List.of(0x5f, 0x16, 0x17, 0x56, 0x57);
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      Claims claims = new Claims(host);
      List<Row> rows = rows();
      List<Claims.Code> missing = new ArrayList<>();
      for (Claims.Code code : claims.cdbBytes().keySet()) {
        boolean listed =
            rows.stream()
                .anyMatch(row ->
                    (row.cdb[0] & 0xff) == code.opcode()
                        && (code.serviceAction().isEmpty()
                            || code.serviceAction().getAsInt()
                                == (row.cdb[0] == 0x7f ? row.cdb[9] : row.cdb[1] & 0x1f)));
        if (!listed && !elsewhere.contains(code.opcode())) {
          missing.add(code);
        }
      }
      assertThat(missing).isEmpty();
    }
  }

  private static List<Row> rows() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                ReservationConflictTest.class.getResourceAsStream("conflicts.tsv"),
                StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).map(Row::of).toList();
    }
  }
}
