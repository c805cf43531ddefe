// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** ASYMMETRIC ACCESS STATE of a target port group (SPC-4 5.15.2, table 231). */
public enum AccessState {
  ACTIVE_OPTIMIZED(0x0, "active-optimized", null),
  ACTIVE_NON_OPTIMIZED(0x1, "active-non-optimized", null),
  STANDBY(0x2, "standby", Sense.TARGET_PORT_IN_STANDBY_STATE),
  UNAVAILABLE(0x3, "unavailable", Sense.TARGET_PORT_IN_UNAVAILABLE_STATE),
  OFFLINE(0xE, "offline", Sense.LOGICAL_UNIT_OFFLINE),
  TRANSITIONING(0xF, "transitioning", Sense.ASYMMETRIC_ACCESS_STATE_TRANSITION);

  /** INQUIRY, REQUEST SENSE, REPORT LUNS: whatever the state (SPC-4 5.15.2.4.5). */
  private static final Set<Integer> ALWAYS = Set.of(0x12, 0x03, 0xA0);

  /** Further ones in the standby state (SPC-4 5.15.2.4.4). */
  private static final Set<Integer> IN_STANDBY =
      Set.of(0x4C, 0x4D, 0x15, 0x55, 0x1A, 0x5A, 0x1C, 0x1D, 0x5E, 0x5F, 0x3B, 0x3C);

  private final int code;
  private final String text;
  private final @Nullable Sense refusal;

  AccessState(int code, String text, @Nullable Sense refusal) {
    this.code = code;
    this.text = text;
    this.refusal = refusal;
  }

  /** The code on the wire. */
  public int code() {
    return code;
  }

  /** Its name in configurations. */
  public String text() {
    return text;
  }

  /** The state of a name in configurations. */
  public static Optional<AccessState> of(String text) {
    for (AccessState state : values()) {
      if (state.text.equals(text)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /** The state of a code. */
  public static Optional<AccessState> of(int code) {
    for (AccessState state : values()) {
      if (state.code == code) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /** Why a command is refused that comes through a port in this state; null when it is not. */
  public @Nullable Sense refusal(Command command) {
    if (refusal == null || ALWAYS.contains(command.opcode())) {
      return null;
    }
    boolean aboutGroups =
        (command.opcode() == 0xA3 || command.opcode() == 0xA4) && command.serviceAction() == 0x0A;
    if (aboutGroups && !(this == TRANSITIONING && command.opcode() == 0xA4)) {
      return null;
    }
    return this == STANDBY && IN_STANDBY.contains(command.opcode()) ? null : refusal;
  }
}
