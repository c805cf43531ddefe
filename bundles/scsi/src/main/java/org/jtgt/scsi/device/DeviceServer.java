// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What the device type of a logical unit owns (SAM-5 4.5.20): its commands, its pages, and the
 * states in which it refuses commands. The engine owns the rest: tasks, nexuses, reservations, the
 * store. One for each logical unit, made by its {@link DeviceType}.
 *
 * <p>Thread rules: any thread; nothing waits. {@link #commands}, {@link #refusal} lie on the hot
 * path.
 */
@ConsumerType
public interface DeviceServer {
  /** PERIPHERAL DEVICE TYPE (SPC-4 table 139). */
  int peripheralDeviceType();

  /** RMB (SPC-4 6.6.2). */
  default boolean removable() {
    return false;
  }

  /** VERSION DESCRIPTOR values beyond SAM, SPC and the transport's (SPC-4 table 142). */
  default List<Integer> versionDescriptors() {
    return List.of();
  }

  /** The commands as they stand. */
  CommandTable commands();

  /** The mode pages, by code and subpage. */
  default List<ModePage> modePages() {
    return List.of();
  }

  /** DEVICE-SPECIFIC PARAMETER of the mode parameter header. */
  default int modeDeviceSpecific() {
    return 0;
  }

  /** MEDIUM TYPE of the mode parameter header. */
  default int mediumType() {
    return 0;
  }

  /** The VPD pages that only this device type has, by page code. */
  default SortedMap<Integer, VpdPage> vpdPages() {
    return java.util.Collections.emptySortedMap();
  }

  /** The log pages, by page and subpage code. */
  default List<LogPage> logPages() {
    return List.of();
  }

  /**
   * Why the unit's state keeps a command from running; null when it does not. Asked before the
   * command begins, and again when it was granted a range.
   */
  default @Nullable Sense refusal(Task task, Command command) {
    return null;
  }

  /** What REQUEST SENSE reports while no unit attention is pending (SPC-4 6.39). */
  default Sense status() {
    return Sense.NONE;
  }

  /** LOGICAL UNIT RESET, or a hard reset (SAM-5 6.3.2, 6.3.3). */
  default void reset() {}

  /** An I_T nexus is gone (SAM-5 6.3.4). */
  default void nexusLost(Reservations.Registrant nexus) {}

  /**
   * Whether a store with other data may take the place of the one before without being asked: the
   * medium is meant to be changed.
   */
  default boolean acceptsAnyMedium() {
    return false;
  }

  /** A store was attached, perhaps the same as before. Called before commands reach it. */
  default void storeAttached(Unit.@Nullable Medium before, Unit.Medium now) {}

  /** What would be lost if the unit ended now, in words; empty when nothing would. */
  default String unsaved() {
    return "";
  }

  /** The unit is removed: timers end. */
  default void close() {}

  /** A VPD page. */
  @FunctionalInterface
  interface VpdPage {
    /** What follows the four bytes of the page's header. */
    byte[] body(Task task);
  }
}
