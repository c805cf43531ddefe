// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.util.List;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Command.Trait;
import org.jtgt.scsi.device.ReservationRule;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Unit;

/** The rows of third-party copy (SPC-4 tables 81, 236). */
public final class CopyCommands {
  private CopyCommands() {}

  /** The rows. */
  public static List<Command> rows() {
    return List.of(
        copy("EXTENDED COPY(LID1)", 0x00, "00 00 00 00", ExtendedCopy::lid1),
        copy("EXTENDED COPY(LID4)", 0x01, "00 00 00 00", ExtendedCopy::lid4),
        copy("POPULATE TOKEN", 0x10, "FF FF FF FF", TokenCopy::populate),
        copy("WRITE USING TOKEN", 0x11, "FF FF FF FF", TokenCopy::write),
        Command.ofServiceAction(
            "COPY OPERATION ABORT",
            "83 1C FF FF FF FF 00 00 00 00 00 00 00 00 00 00",
            ReservationRule.WRITE,
            CopyResults::abort,
            Trait.WITHOUT_STORE),
        results("RECEIVE COPY STATUS(LID1)", 0x00, "FF 00 00 00", CopyResults::status1),
        results(
            "RECEIVE COPY OPERATING PARAMETERS",
            0x03,
            "00 00 00 00",
            CopyResults::operatingParameters),
        results(
            "RECEIVE COPY FAILURE DETAILS(LID1)", 0x04, "FF 00 00 00", CopyResults::failedSegment),
        results("RECEIVE COPY STATUS(LID4)", 0x05, "FF FF FF FF", CopyResults::status4),
        results(
            "RECEIVE ROD TOKEN INFORMATION", 0x07, "FF FF FF FF", CopyResults::rodTokenInformation),
        results("REPORT ALL ROD TOKENS", 0x08, "00 00 00 00", CopyResults::allTokens));
  }

  /** The logical unit was reset. */
  public static void reset(Unit unit) {
    CopyManager.of(unit).reset();
  }

  /** An I_T nexus with the logical unit was lost. */
  public static void nexusLost(Unit unit, Registrant nexus) {
    CopyManager.of(unit).nexusLost(nexus);
  }

  private static Command copy(String name, int action, String listIdentifier, Step first) {
    return Command.ofServiceAction(
        name,
        "83 %02X 00 00 00 00 %s FF FF FF FF 3F 00".formatted(action, listIdentifier),
        ReservationRule.WRITE,
        first,
        Trait.MEDIUM_ACCESS,
        Trait.LONG_RUNNING);
  }

  private static Command results(String name, int action, String listIdentifier, Step first) {
    return Command.ofServiceAction(
        name,
        "84 %02X %s 00 00 00 00 FF FF FF FF 00 00".formatted(action, listIdentifier),
        ReservationRule.ALLOWED,
        first);
  }
}
