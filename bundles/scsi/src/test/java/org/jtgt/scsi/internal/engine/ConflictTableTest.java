// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.ReservationState.Request;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Reservations.Type;
import org.junit.jupiter.api.Test;

/**
 * The running command table beside SPC-4 table 65 and SBC-3 table 13: what each command does under
 * each type, for an unregistered nexus and for a registered one that does not hold.
 */
class ConflictTableTest {
  private static final String ALLOWED = "AA";
  private static final String READS = "AC";
  private static final String WRITES = "CC";

  /** Write Exclusive, Exclusive Access columns of the standards' tables. */
  private static final Map<String, String> STANDARD =
      Map.ofEntries(
          // SPC-4
          Map.entry("COPY OPERATION ABORT", WRITES),
          Map.entry("EXTENDED COPY", WRITES),
          Map.entry("INQUIRY", ALLOWED),
          Map.entry("LOG SELECT", WRITES),
          Map.entry("LOG SENSE", ALLOWED),
          Map.entry("MODE SELECT", WRITES),
          Map.entry("MODE SENSE", READS),
          Map.entry("PERSISTENT RESERVE IN", ALLOWED),
          // judged by its service action: ReservationStateTest
          Map.entry("PERSISTENT RESERVE OUT", ALLOWED),
          Map.entry("READ BUFFER", READS),
          Map.entry("RECEIVE COPY FAILURE DETAILS", ALLOWED),
          Map.entry("RECEIVE COPY OPERATING PARAMETERS", ALLOWED),
          Map.entry("RECEIVE COPY STATUS", ALLOWED),
          Map.entry("RECEIVE DIAGNOSTIC RESULTS", READS),
          Map.entry("RECEIVE ROD TOKEN INFORMATION", ALLOWED),
          Map.entry("REPORT ALL ROD TOKENS", ALLOWED),
          // compatible reservation handling: ReservationListTest
          Map.entry("RELEASE", ALLOWED),
          Map.entry("RESERVE", ALLOWED),
          Map.entry("REPORT IDENTIFYING INFORMATION", ALLOWED),
          Map.entry("REPORT LUNS", ALLOWED),
          Map.entry("REPORT SUPPORTED OPERATION CODES", READS),
          Map.entry("REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", READS),
          Map.entry("REPORT TARGET PORT GROUPS", ALLOWED),
          Map.entry("REPORT TIMESTAMP", ALLOWED),
          Map.entry("REQUEST SENSE", ALLOWED),
          Map.entry("SEND DIAGNOSTIC", WRITES),
          Map.entry("SET IDENTIFYING INFORMATION", WRITES),
          Map.entry("SET TARGET PORT GROUPS", WRITES),
          Map.entry("SET TIMESTAMP", WRITES),
          Map.entry("TEST UNIT READY", ALLOWED),
          Map.entry("WRITE BUFFER", WRITES),
          // SBC-3
          Map.entry("COMPARE AND WRITE", WRITES),
          Map.entry("FORMAT UNIT", WRITES),
          Map.entry("GET LBA STATUS", READS),
          Map.entry("ORWRITE", WRITES),
          Map.entry("PRE-FETCH", READS),
          Map.entry("READ", READS),
          Map.entry("READ CAPACITY", ALLOWED),
          Map.entry("READ DEFECT DATA", READS),
          Map.entry("SANITIZE", WRITES),
          Map.entry("SYNCHRONIZE CACHE", WRITES),
          Map.entry("UNMAP", WRITES),
          Map.entry("VERIFY", READS),
          Map.entry("WRITE", WRITES),
          Map.entry("WRITE AND VERIFY", WRITES),
          Map.entry("WRITE ATOMIC", WRITES),
          Map.entry("WRITE SAME", WRITES));

  /** Those whose row depends on byte 4 of the CDB, and those that the tables do not list. */
  private static final List<String> ELSEWHERE =
      List.of(
          "START STOP UNIT", "PREVENT ALLOW MEDIUM REMOVAL", "POPULATE TOKEN", "WRITE USING TOKEN");

  private static String base(String name) {
    int end = name.indexOf('(');
    int comma = name.indexOf(',');
    int cut = end < 0 ? comma : comma < 0 ? end : Math.min(end, comma);
    return cut < 0 ? name : name.substring(0, cut);
  }

  private static String columns(Command row, int byte4, boolean registered, boolean registrants) {
    Type write = registrants ? Type.WRITE_EXCLUSIVE_REGISTRANTS_ONLY : Type.WRITE_EXCLUSIVE;
    Type all = registrants ? Type.EXCLUSIVE_ACCESS_REGISTRANTS_ONLY : Type.EXCLUSIVE_ACCESS;
    return letter(row, byte4, registered, write) + letter(row, byte4, registered, all);
  }

  private static String letter(Command row, int byte4, boolean registered, Type type) {
    Registrant holder = new Registrant("holder", 1);
    Registrant other = new Registrant("other", 1);
    ReservationState state =
        ReservationState.EMPTY
            .register(new Request(holder, 0, 1), false, List.of(), false)
            .next()
            .reserve(new Request(holder, 1, 0), type)
            .next();
    if (registered) {
      state = state.register(new Request(other, 0, 2), false, List.of(), false).next();
    }
    assertThat(state.conflicts(holder, row, row.reservation().of(byte4))).isFalse();
    return state.conflicts(other, row, row.reservation().of(byte4)) ? "C" : "A";
  }

  @Test
  void everyRowConflictsAsTheStandardsTablesSay() {
    try (Bench bench = Bench.withMemory(100)) {
      for (Command row : bench.unit.commands().rows()) {
        String name = base(row.name());
        if (ELSEWHERE.stream().anyMatch(name::startsWith)) {
          continue;
        }
        String expected = STANDARD.get(name);
        assertThat(expected).as("row of %s in the standards' tables", row.name()).isNotNull();
        assertThat(columns(row, 0, false, false)).as(row.name()).isEqualTo(expected);
        assertThat(columns(row, 0, false, true)).as(row.name()).isEqualTo(expected);
        // A registered nexus: as unregistered, but admitted by Registrants Only types.
        assertThat(columns(row, 0, true, false)).as(row.name()).isEqualTo(expected);
        assertThat(columns(row, 0, true, true)).as(row.name()).isEqualTo(ALLOWED);
      }
    }
  }

  @Test
  void startStopUnitAndPreventAllowDependOnWhatTheyAskFor() {
    try (Bench bench = Bench.withMemory(100)) {
      Command startStop = java.util.Objects.requireNonNull(bench.unit.commands().find(0x1B, 0));
      assertThat(columns(startStop, 0x01, false, false)).isEqualTo(ALLOWED);
      assertThat(columns(startStop, 0x00, false, false)).isEqualTo(WRITES);
      assertThat(columns(startStop, 0x11, false, false)).isEqualTo(WRITES);
      Command prevent = org.jtgt.scsi.device.MediumState.preventAllow();
      assertThat(columns(prevent, 0x00, false, false)).isEqualTo(ALLOWED);
      assertThat(columns(prevent, 0x01, false, false)).isEqualTo(WRITES);
    }
  }
}
