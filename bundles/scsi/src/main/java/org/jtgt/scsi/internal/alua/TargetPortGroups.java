// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.alua;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Command.Trait;
import org.jtgt.scsi.device.ReservationRule;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.TargetPortGroup;
import org.jtgt.scsi.device.Task;

/** REPORT TARGET PORT GROUPS (SPC-4 6.37) and SET TARGET PORT GROUPS (SPC-4 6.45). */
public final class TargetPortGroups {
  /** T_SUP, O_SUP, U_SUP, S_SUP, AN_SUP, AO_SUP. */
  private static final int SUPPORTED = 0xCF;

  private static final int MAXIMUM_LIST_BYTES = 4 + 4 * 256;
  private static final Step RECEIVE =
      task -> task.receive((int) task.cdb32(6), TargetPortGroups::received);
  private static final Step CHANGE = TargetPortGroups::change;

  private TargetPortGroups() {}

  /** The rows. */
  public static List<Command> rows() {
    return List.of(
        Command.ofServiceAction(
            "REPORT TARGET PORT GROUPS",
            "A3 EA 00 00 00 00 FF FF FF FF 00 00",
            ReservationRule.ALLOWED,
            TargetPortGroups::report,
            Trait.WITHOUT_STORE),
        Command.ofServiceAction(
            "SET TARGET PORT GROUPS",
            "A4 0A 00 00 00 00 FF FF FF FF 00 00",
            ReservationRule.WRITE,
            TargetPortGroups::set,
            Trait.WITHOUT_STORE));
  }

  private static void report(Task task) {
    int format = task.cdb(1) >> 5;
    if (format > 1) {
      task.check(Sense.invalidFieldInCdb(1, 7));
      return;
    }
    List<TargetPortGroup> groups = task.unit().targetPortGroups();
    int header = format == 1 ? 8 : 4;
    int bytes = header;
    for (TargetPortGroup group : groups) {
      bytes += 8 + 4 * group.relativePorts().size();
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    out.putInt(bytes - 4);
    if (format == 1) {
      out.putInt(0x10000000); // extended header; IMPLICIT TRANSITION TIME 0: no transition lasts
    }
    for (TargetPortGroup group : groups) {
      out.put((byte) ((group.preferred() ? 0x80 : 0) | group.state().code()));
      out.put((byte) SUPPORTED);
      out.putShort((short) group.id());
      out.put((byte) 0).put((byte) group.statusCode()).put((byte) 0);
      out.put((byte) group.relativePorts().size());
      group.relativePorts().forEach(port -> out.putInt(port));
    }
    task.reply(out.array(), task.cdb32(6));
  }

  private static void set(Task task) {
    long bytes = task.cdb32(6);
    if (bytes == 0) {
      task.good();
    } else if (bytes < 4
        || bytes % 4 != 0
        || bytes > MAXIMUM_LIST_BYTES
        || task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve((int) bytes, RECEIVE);
    }
  }

  private static void received(Task task) {
    byte[] list = task.parameterList();
    Map<Integer, AccessState> wanted = new LinkedHashMap<>();
    Sense refusal = read(list, task.unit().targetPortGroups(), wanted);
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    task.keepsake(wanted);
    task.mayBlock(CHANGE);
  }

  private static @Nullable Sense read(
      byte[] list, List<TargetPortGroup> groups, Map<Integer, AccessState> wanted) {
    ByteBuffer in = ByteBuffer.wrap(list);
    for (int at = 4; at < list.length; at += 4) {
      Optional<AccessState> state = AccessState.of(list[at] & 0x0F);
      // SPC-4 6.45: transitioning is no state to ask for; offline is a secondary one.
      if (state.isEmpty() || state.get() == AccessState.TRANSITIONING) {
        return Sense.invalidFieldInParameterList(at, 3);
      }
      int id = in.getShort(at + 2) & 0xFFFF;
      if (groups.stream().noneMatch(group -> group.id() == id && group.explicit())) {
        return Sense.invalidFieldInParameterList(at + 2, 7);
      }
      wanted.put(id, state.get());
    }
    return null;
  }

  @SuppressWarnings("unchecked")
  private static void change(Task task) {
    Map<Integer, AccessState> wanted = task.keepsake(Map.class);
    boolean kept = task.unit().setTargetPortGroups(task, wanted);
    if (kept) {
      task.end(ScsiStatus.GOOD, 0, (int) task.cdb32(6));
    } else {
      task.check(Sense.SET_TARGET_PORT_GROUPS_COMMAND_FAILED);
    }
  }
}
