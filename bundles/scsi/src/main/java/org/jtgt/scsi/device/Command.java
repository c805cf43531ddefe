// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * A row of the command table: what the standards attach to one command, and its first step. REPORT
 * SUPPORTED OPERATION CODES is printed from it (SPC-4 6.35).
 */
public final class Command {
  /** OPERATION CODE of CDBs with a length of their own (SPC-4 4.2.3). */
  public static final int VARIABLE_LENGTH = 0x7F;

  private static final int VARIABLE_BYTES = 32;

  /** No service action. */
  public static final int NO_SERVICE_ACTION = -1;

  /** In which states of the logical unit a command runs. */
  public enum Trait {
    /** A pending unit attention does not stop it (SAM-5 5.14). */
    IGNORES_UNIT_ATTENTION,
    /** It runs though another nexus holds the unit by RESERVE (SPC-2 5.5.1). */
    IGNORES_RESERVE,
    /** It needs no store. */
    WITHOUT_STORE,
    /** It needs the medium: refused while the unit is stopped (SBC-3 5.25). */
    MEDIUM_ACCESS,
    /** It changes the medium: refused with WRITE PROTECTED on a read-only unit. */
    WRITES,
    /** It is served while the medium is sanitized or formatted (SBC-3 4.11.2, 5.3.2). */
    DURING_FORMAT,
    /** It may take as long as the medium is large. */
    LONG_RUNNING,
    /** It moves logical blocks between initiator and medium: counted as a read or a write. */
    TRANSFERS_BLOCKS
  }

  private final String name;
  private final int opcode;
  private final int serviceAction;
  private final byte[] usage;
  private final long[] forbidden;
  private final ReservationRule reservation;
  private final Set<Trait> traits;
  private final Step first;

  private Command(
      String name,
      int serviceAction,
      byte[] usage,
      ReservationRule reservation,
      Set<Trait> traits,
      Step first) {
    this.name = name;
    this.opcode = usage[0] & 0xFF;
    this.serviceAction = serviceAction;
    this.usage = usage;
    this.reservation = reservation;
    this.traits = traits;
    this.first = first;
    this.forbidden = new long[(usage.length + 7) / 8];
    for (int i = 0; i < usage.length; i++) {
      // The opcode and the service action chose the row; they are no mask.
      int mask = i == 0 ? 0 : ~usage[i] & 0xFF;
      if (serviceAction >= 0 && i == 1 && usage.length <= 16) {
        mask &= ~0x1F;
      }
      if (usage.length == VARIABLE_BYTES && i >= 7 && i <= 9) {
        // ADDITIONAL CDB LENGTH and SERVICE ACTION are judged where the row is chosen.
        mask = 0;
      }
      forbidden[i / 8] |= (long) mask << 56 - 8 * (i % 8);
    }
  }

  /**
   * A command without a service action.
   *
   * @param usage CDB USAGE DATA in hexadecimal (SPC-4 6.35.3): the opcode, then the bits of each
   *     byte that the device server evaluates; its length is the CDB's
   */
  public static Command of(
      String name, String usage, ReservationRule reservation, Step first, Trait... traits) {
    return new Command(name, NO_SERVICE_ACTION, parse(usage), reservation, set(traits), first);
  }

  /**
   * A command with a service action in the low five bits of byte 1; in bytes 8 and 9 for a variable
   * length CDB of 32 bytes.
   *
   * @param usage as in {@link #of}; byte 1 holds the service action itself
   */
  public static Command ofServiceAction(
      String name, String usage, ReservationRule reservation, Step first, Trait... traits) {
    byte[] bytes = parse(usage);
    int action = bytes.length == VARIABLE_BYTES ? bytes[8] << 8 | bytes[9] : bytes[1] & 0x1F;
    return new Command(name, action, bytes, reservation, set(traits), first);
  }

  private static byte[] parse(String usage) {
    byte[] bytes = HexFormat.of().parseHex(usage.replace(" ", ""));
    int variable = (bytes[0] & 0xFF) == VARIABLE_LENGTH ? VARIABLE_BYTES : -1;
    if (variable == -1
        ? bytes.length != 6 && bytes.length != 10 && bytes.length != 12 && bytes.length != 16
        : bytes.length != variable) {
      throw new IllegalArgumentException("CDB of " + bytes.length + " bytes: " + usage);
    }
    // NACA of the CONTROL byte (SAM-5 5.2) is the engine's, for every command.
    bytes[variable == -1 ? bytes.length - 1 : 1] |= 0x04;
    return bytes;
  }

  private static Set<Trait> set(Trait... traits) {
    Set<Trait> set = EnumSet.noneOf(Trait.class);
    set.addAll(Set.of(traits));
    return set;
  }

  /** The standard's name. */
  public String name() {
    return name;
  }

  /** OPERATION CODE. */
  public int opcode() {
    return opcode;
  }

  /** SERVICE ACTION, or {@link #NO_SERVICE_ACTION}. */
  public int serviceAction() {
    return serviceAction;
  }

  /** CDB USAGE DATA, as long as the CDB. */
  public byte[] usage() {
    return usage.clone();
  }

  /** Length of the CDB in bytes. */
  public int cdbBytes() {
    return usage.length;
  }

  /** What a reservation of another nexus does to it. */
  public ReservationRule reservation() {
    return reservation;
  }

  /** Whether it has a trait. */
  public boolean is(Trait trait) {
    return traits.contains(trait);
  }

  /** Its first step. */
  public Step first() {
    return first;
  }

  /**
   * The first bit that is set outside the usage mask, as 8 * byte + bit; -1 when there is none.
   *
   * @param word0 bytes 0 to 7 of the CDB, big-endian
   * @param word1 bytes 8 to 15
   */
  public int reservedBit(long word0, long word1) {
    long bad0 = word0 & forbidden[0];
    if (bad0 != 0) {
      return position(bad0);
    }
    long bad1 = forbidden.length > 1 ? word1 & forbidden[1] : 0;
    return bad1 == 0 ? -1 : 64 + position(bad1);
  }

  /** The same for a CDB of 32 bytes. */
  public int reservedBit(long word0, long word1, long word2, long word3) {
    int low = reservedBit(word0, word1);
    if (low >= 0 || forbidden.length < 4) {
      return low;
    }
    if ((word2 & forbidden[2]) != 0) {
      return 128 + position(word2 & forbidden[2]);
    }
    return (word3 & forbidden[3]) == 0 ? -1 : 192 + position(word3 & forbidden[3]);
  }

  private static int position(long bad) {
    int zeros = Long.numberOfLeadingZeros(bad);
    return zeros / 8 * 8 + (7 - zeros % 8);
  }
}
