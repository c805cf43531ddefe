// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.ScsiPort;

/**
 * A logical unit as its commands see it (SAM-5 4.5.19). Values may change from one call to the
 * next; what belongs together is in one record.
 *
 * <p>Thread rules: any thread; nothing waits.
 */
public interface Unit {
  /** Its configured name, for messages. */
  String name();

  /** Whether it is a logical unit; false for a LUN at which none is mapped. */
  boolean mapped();

  /** What INQUIRY tells of it. */
  Identity identity();

  /** The medium as last seen, kept while the store is away; empty before any store came. */
  Optional<Medium> medium();

  /** The medium of a command that the engine let through to it. */
  Medium attachedMedium();

  /** The store, for capabilities beyond plain I/O; empty while none is attached. */
  Optional<Backstore> store();

  /** Whether writes are refused (SBC-3 4.12). */
  boolean readOnly();

  /** Whether UNMAP is offered. */
  boolean unmaps();

  /**
   * Whether writes may be acknowledged before they are stable: WCE as it stands (SBC-3 6.5.6), but
   * for {@link #writeThrough()}.
   */
  boolean writeCache();

  /** Makes every write stable from now on, until what is returned runs. */
  Runnable writeThrough();

  /** WCE as the unit is configured. */
  boolean writeCacheDefault();

  /** D_SENSE as it stands (SPC-4 7.5.8). */
  boolean descriptorSense();

  /** SWP as it stands (SPC-4 7.5.8). */
  boolean softwareWriteProtect();

  /** The mode pages as they stand. */
  ModeValues mode();

  /** The mode pages as a reset leaves them: those that were saved, over the defaults. */
  ModeValues savedMode();

  /**
   * Changes mode pages, and nothing of the others; every other nexus gets MODE PARAMETERS CHANGED
   * when any of them changes.
   *
   * @param wanted pages with their headers, by {@link ModePage#key()}
   * @param save whether all are saved before they count; may wait then
   * @throws IOException when they are not saved: nothing has changed
   */
  void changeMode(Task by, Map<Integer, byte[]> wanted, boolean save) throws IOException;

  /** Its device server. */
  DeviceServer deviceServer();

  /** What it keeps over restarts. */
  UnitMemory memory();

  /**
   * Establishes a unit attention for every nexus.
   *
   * @param but the nexus of this task gets none; null for all
   */
  void establish(UnitAttention attention, @Nullable Task but);

  /**
   * Runs steps that no initiator asked for, outside the task set: no task management function ends
   * them. While the store is away they wait for it as long as commands do.
   *
   * @param ended gets how they ended; null sense data for GOOD
   */
  void background(Step first, BackgroundEnd ended);

  /**
   * Runs an action when the commands have ended that hold a range, or wait for one, now. Whoever
   * calls makes the unit refuse later ones before.
   */
  void quiesce(Runnable then);

  /** As {@link System#nanoTime()}, of the clock that {@link #after} goes by. */
  long nanoTime();

  /** Runs an action once, after a time, on a thread that must not wait. */
  void after(Duration delay, Runnable action);

  /** An object of a command's that lives as long as the unit; one for each type. */
  <S> S state(Class<S> type, Supplier<S> make);

  /** What it has done since it was made. */
  Statistics statistics();

  /** Largest transfer in bytes of one command, a multiple of the block length. */
  int maximumTransferBytes();

  /** Its registrations and its reservation. */
  Reservations reservations();

  /**
   * Carries out a service action of PERSISTENT RESERVE OUT, and establishes the unit attentions of
   * its outcome. May wait.
   *
   * @return empty when the new state could not be kept over power loss, as it must be
   */
  Optional<Reservations.Outcome> changeReservations(
      Function<ReservationState, ReservationState.Change> action);

  /** The target port groups of the ports that reach the unit. */
  List<TargetPortGroup> targetPortGroups();

  /** TARGET PORT GROUP of a target port. */
  int targetPortGroup(ScsiPort targetPort);

  /** Whether SET TARGET PORT GROUPS can change any group. */
  boolean explicitTargetPortGroups();

  /**
   * Changes states of target port groups by SET TARGET PORT GROUPS; every other nexus gets
   * ASYMMETRIC ACCESS STATE CHANGED. May wait.
   *
   * @return false when they could not be kept: nothing has changed
   */
  boolean setTargetPortGroups(Task by, Map<Integer, AccessState> wanted);

  /** The target ports that reach the unit, by RELATIVE TARGET PORT IDENTIFIER. */
  SortedMap<Integer, ScsiPort> targetPorts();

  /** The initiator ports that reach the unit now, as TransportIDs in normal form. */
  Set<String> initiators();

  /** The unit's commands. */
  CommandTable commands();

  /** The 8-byte LUNs that the nexus of a task reaches, ascending. */
  List<Long> luns(Task task);

  /** Takes REPORTED LUNS DATA HAS CHANGED back, because REPORT LUNS told it (SPC-4 6.33). */
  void lunsReported(Task task);

  /** Takes the unit attention that comes first; empty when none is pending. */
  Optional<Sense> takeUnitAttention(Task task);

  /** Told of the end of what {@link #background} began. */
  @FunctionalInterface
  interface BackgroundEnd {
    /** It ended; null for GOOD. */
    void ended(byte @Nullable [] sense);
  }

  /**
   * What a unit has done.
   *
   * @param readCommands READ commands
   * @param readBytes bytes that they read
   * @param writeCommands WRITE commands
   * @param writtenBytes bytes that they wrote
   * @param commandWeight sum of the command weights of both (SPC-4 7.3.6.2)
   */
  record Statistics(
      long readCommands,
      long readBytes,
      long writeCommands,
      long writtenBytes,
      long commandWeight) {}

  /**
   * What INQUIRY tells of a unit.
   *
   * @param vendor T10 VENDOR IDENTIFICATION, at most 8 characters
   * @param product PRODUCT IDENTIFICATION, at most 16 characters
   * @param revision PRODUCT REVISION LEVEL, at most 4 characters
   * @param serial PRODUCT SERIAL NUMBER
   * @param naa NAA designator of 8 bytes (SPC-4 7.8.6.6)
   */
  record Identity(String vendor, String product, String revision, String serial, long naa) {}

  /**
   * A store seen as a medium.
   *
   * @param storeIdentity {@link Backstore#identity()}
   * @param blockBytes LOGICAL BLOCK LENGTH IN BYTES
   * @param blocks number of logical blocks
   * @param physicalBlockBytes bytes of a physical block
   * @param optimalTransferBytes as {@link Backstore#optimalTransferBytes()}
   * @param unmapGranularityBytes as {@link Backstore#unmapGranularityBytes()}
   * @param atomicUnitBytes as {@link Backstore#atomicUnitBytes()}
   * @param readOnly as {@link Backstore#readOnly()}
   * @param nonRotational as {@link Backstore#nonRotational()}
   * @param cryptoErase whether the store offers {@link org.jtgt.backstore.CryptoErase}
   */
  record Medium(
      String storeIdentity,
      int blockBytes,
      long blocks,
      int physicalBlockBytes,
      int optimalTransferBytes,
      int unmapGranularityBytes,
      int atomicUnitBytes,
      boolean readOnly,
      boolean nonRotational,
      boolean cryptoErase) {}
}
