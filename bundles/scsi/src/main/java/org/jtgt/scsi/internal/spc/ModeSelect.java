// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.ModePage;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * MODE SELECT(6) and (10) (SPC-4 6.9, 6.10). The whole list is judged before anything changes; with
 * SP it is saved before it counts.
 */
final class ModeSelect {
  private static final int SAVE_PAGES = 0x01;
  private static final int PAGE_FORMAT = 0x10;

  private static final Step RECEIVE = ModeSelect::receive;
  private static final Step APPLY = ModeSelect::apply;
  private static final Step FLUSH =
      task -> task.io(Operation.FLUSH, 0, 0, false, false, ModeSelect.FLUSHED);
  private static final Step FLUSHED = ModeSelect::flushed;
  private static final Step CHANGE = ModeSelect::change;

  private ModeSelect() {}

  static void six(Task task) {
    run(task, task.cdb(4));
  }

  static void ten(Task task) {
    run(task, task.cdb16(7));
  }

  private static void run(Task task, int bytes) {
    if ((task.cdb(1) & PAGE_FORMAT) == 0) {
      task.check(Sense.invalidFieldInCdb(1, 4)); // only pages as in SPC
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

  private static void apply(Task task) {
    Unit unit = task.unit();
    Map<Integer, byte[]> wanted = new HashMap<>();
    Sense refusal = read(task.parameterList(), task.cdb(0) == 0x55, unit, wanted);
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    Selection selection = new Selection(wanted);
    task.keepsake(selection);
    if (unit.mode().writeCache() && !unit.mode().with(wanted).writeCache()) {
      // From the answer on the medium holds all that was acknowledged (SBC-3 6.5.5): what comes is
      // stable, what is under way ends, and then all is flushed.
      selection.cacheOff = unit.writeThrough();
      task.await(unit::quiesce, FLUSH);
    } else {
      flushed(task);
    }
  }

  /** What a MODE SELECT is to change. */
  private static final class Selection implements Task.Ending {
    final Map<Integer, byte[]> wanted;
    @Nullable Runnable cacheOff;

    Selection(Map<Integer, byte[]> wanted) {
      this.wanted = wanted;
    }

    @Override
    public void taskEnded() {
      Runnable off = cacheOff;
      if (off != null) {
        off.run();
      }
    }
  }

  private static void flushed(Task task) {
    if ((task.cdb(1) & SAVE_PAGES) != 0) {
      task.mayWait(CHANGE);
    } else {
      change(task);
    }
  }

  private static void change(Task task) {
    Map<Integer, byte[]> wanted = task.keepsake(Selection.class).wanted;
    try {
      task.unit().changeMode(task, wanted, (task.cdb(1) & SAVE_PAGES) != 0);
    } catch (IOException unsaved) {
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    task.end(ScsiStatus.GOOD, 0, (int) task.progress());
  }

  private static @Nullable Sense read(
      byte[] list, boolean ten, Unit unit, Map<Integer, byte[]> wanted) {
    int header = ten ? 8 : 4;
    if (list.length < header) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    ByteBuffer in = ByteBuffer.wrap(list);
    if ((list[ten ? 2 : 1] & 0xFF) != unit.deviceServer().mediumType()) {
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
    List<ModePage> pages = unit.deviceServer().modePages();
    for (int at = header + descriptors; at < list.length; ) {
      if (list.length - at < 4) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      boolean sub = (list[at] & 0x40) != 0;
      int key = (list[at] & 0x3F) << 8 | (sub ? list[at + 1] & 0xFF : 0);
      Optional<ModePage> page = pages.stream().filter(known -> known.key() == key).findFirst();
      if (page.isEmpty()) {
        return Sense.invalidFieldInParameterList(at, 5);
      }
      int bytes = sub ? (in.getShort(at + 2) & 0xFFFF) + 4 : (list[at + 1] & 0xFF) + 2;
      if (bytes != page.get().defaults().length) {
        return Sense.invalidFieldInParameterList(at + (sub ? 2 : 1), 7);
      }
      if (list.length - at < bytes) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      Sense refusal = readPage(page.get(), list, at, unit.mode(), wanted);
      if (refusal != null) {
        return refusal;
      }
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

  /** Takes a page over; refuses a change of a bit that cannot be changed. */
  private static @Nullable Sense readPage(
      ModePage page, byte[] list, int at, ModeValues current, Map<Integer, byte[]> wanted) {
    byte[] now = current.page(page.key());
    byte[] values = now.length == page.defaults().length ? now : page.defaults().clone();
    for (int i = page.headerBytes(); i < values.length; i++) {
      int bad = (list[at + i] ^ values[i]) & ~page.changeable()[i] & 0xFF;
      if (bad != 0) {
        return Sense.invalidFieldInParameterList(at + i, 31 - Integer.numberOfLeadingZeros(bad));
      }
      values[i] = list[at + i];
    }
    if (page.key() == ModeValues.CONTROL && (values[3] & 0x06) == 0x04) {
      return Sense.invalidFieldInParameterList(at + 3, 2); // QERR 10b is reserved
    }
    if (page.key() == ModeValues.CONTROL && (values[4] & 0x30) == 0x10) {
      return Sense.invalidFieldInParameterList(at + 4, 5); // UA_INTLCK_CTRL 01b is reserved
    }
    wanted.put(page.key(), values);
    return null;
  }
}
