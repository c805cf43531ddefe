// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * MODE SELECT(6) and (10) (SPC-4 6.9, 6.10): changes WCE, D_SENSE and SWP. The whole list is judged
 * before anything changes.
 */
final class ModeSelect {
  private static final Step RECEIVE = ModeSelect::receive;
  private static final Step APPLY = ModeSelect::apply;

  private ModeSelect() {}

  static void six(Task task) {
    run(task, task.cdb(4));
  }

  static void ten(Task task) {
    run(task, task.cdb16(7));
  }

  private static void run(Task task, int bytes) {
    if ((task.cdb(1) & 0x10) == 0) {
      task.check(Sense.invalidFieldInCdb(1, 4)); // PF: only pages as in SPC
    } else if ((task.cdb(1) & 0x01) != 0) {
      task.check(Sense.invalidFieldInCdb(1, 0)); // SP: nothing is saved
    } else if (bytes == 0) {
      task.good();
    } else if (task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.progress(bytes);
      task.reserve(bytes, RECEIVE);
    }
  }

  private static void receive(Task task) {
    task.receive((int) task.progress(), APPLY);
  }

  /** What a parameter list asks for. */
  private static final class Wanted {
    boolean writeCache;
    boolean descriptorSense;
    boolean softwareWriteProtect;
  }

  private static void apply(Task task) {
    byte[] list = task.parameterList();
    Unit unit = task.unit();
    Wanted wanted = new Wanted();
    wanted.writeCache = unit.writeCache();
    wanted.descriptorSense = unit.descriptorSense();
    wanted.softwareWriteProtect = unit.softwareWriteProtect();
    Sense refusal = read(list, task.cdb(0) == 0x55, unit, wanted);
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    task.keepsake(wanted);
    if (unit.writeCache() && !wanted.writeCache) {
      // From the answer on the medium holds all that was acknowledged (SBC-3 6.5.6).
      task.io(Operation.FLUSH, 0, 0, false, false, ModeSelect::change);
    } else {
      change(task);
    }
  }

  private static void change(Task task) {
    Wanted wanted = task.keepsake(Wanted.class);
    task.unit()
        .modeParameters(
            task, wanted.writeCache, wanted.descriptorSense, wanted.softwareWriteProtect);
    task.end(org.jtgt.scsi.ScsiStatus.GOOD, 0, (int) task.progress());
  }

  private static @Nullable Sense read(byte[] list, boolean ten, Unit unit, Wanted wanted) {
    int header = ten ? 8 : 4;
    if (list.length < header) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    ByteBuffer in = ByteBuffer.wrap(list);
    if (list[ten ? 2 : 1] != 0) {
      return Sense.invalidFieldInParameterList(ten ? 2 : 1, 7); // MEDIUM TYPE
    }
    boolean longLba = ten && (list[4] & 0x01) != 0;
    int descriptors = ten ? in.getShort(6) & 0xFFFF : list[3] & 0xFF;
    int size = longLba ? 16 : 8;
    if (descriptors != 0 && descriptors != size) {
      return Sense.invalidFieldInParameterList(ten ? 6 : 3, 7);
    }
    if (list.length < header + descriptors) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    if (descriptors != 0 && !sameMedium(in, header, longLba, unit.attachedMedium())) {
      return Sense.invalidFieldInParameterList(header, 7);
    }
    for (int at = header + descriptors; at < list.length; ) {
      if (list.length - at < 4) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      boolean sub = (list[at] & 0x40) != 0;
      int code = list[at] & 0x3F;
      int subpage = sub ? list[at + 1] & 0xFF : 0;
      Optional<ModePages.Page> page =
          ModePages.ALL.stream()
              .filter(known -> known.code() == code && known.subpage() == subpage)
              .findFirst();
      if (page.isEmpty()) {
        return Sense.invalidFieldInParameterList(at, 5);
      }
      int bytes = sub ? (in.getShort(at + 2) & 0xFFFF) + 4 : (list[at + 1] & 0xFF) + 2;
      if (bytes != page.get().bytes()) {
        return Sense.invalidFieldInParameterList(at + (sub ? 2 : 1), 7);
      }
      if (list.length - at < bytes) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      Sense refusal = readPage(page.get(), Arrays.copyOfRange(list, at, at + bytes), at, unit);
      if (refusal != null) {
        return refusal;
      }
      take(page.get(), list, at, wanted);
      at += bytes;
    }
    return null;
  }

  private static boolean sameMedium(ByteBuffer in, int at, boolean longLba, Unit.Medium medium) {
    byte[] now = ModeSense.blockDescriptor(medium, longLba);
    long blocks = longLba ? in.getLong(at) : in.getInt(at) & 0xFFFF_FFFFL;
    long current = longLba ? medium.blocks() : ByteBuffer.wrap(now).getInt() & 0xFFFF_FFFFL;
    int blockBytes = longLba ? in.getInt(at + 12) : in.getInt(at + 4) & 0xFF_FFFF;
    // NUMBER OF LOGICAL BLOCKS zero means: as it is (SBC-3 6.5.2.2).
    return (blocks == 0 || blocks == current) && blockBytes == medium.blockBytes();
  }

  /** Refuses a change of a bit that cannot be changed. */
  private static @Nullable Sense readPage(ModePages.Page page, byte[] wanted, int at, Unit unit) {
    byte[] current = page.bytes(ModePages.Control.CURRENT, unit);
    byte[] changeable = page.bytes(ModePages.Control.CHANGEABLE, unit);
    for (int i = page.subpage() == 0 ? 2 : 4; i < wanted.length; i++) {
      int bad = (wanted[i] ^ current[i]) & ~changeable[i] & 0xFF;
      if (bad != 0) {
        return Sense.invalidFieldInParameterList(at + i, 31 - Integer.numberOfLeadingZeros(bad));
      }
    }
    return null;
  }

  private static void take(ModePages.Page page, byte[] list, int at, Wanted wanted) {
    if (page.subpage() != 0) {
      return;
    }
    if (page.code() == ModePages.CACHING) {
      wanted.writeCache = (list[at + 2] & ModePages.WCE) != 0;
    } else if (page.code() == ModePages.CONTROL) {
      wanted.descriptorSense = (list[at + 2] & ModePages.D_SENSE) != 0;
      wanted.softwareWriteProtect = (list[at + 4] & ModePages.SWP) != 0;
    }
  }
}
