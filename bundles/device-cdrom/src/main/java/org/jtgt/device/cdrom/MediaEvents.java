// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/** GET EVENT STATUS NOTIFICATION (MMC-6 6.6): media events, told once to each nexus. */
final class MediaEvents {
  /** Event codes of the media class (MMC-6 table 115). */
  static final int NEW_MEDIA = 2;

  static final int REMOVED = 3;

  private static final int MEDIA_CLASS = 4;
  private static final int MEDIA_BIT = 1 << MEDIA_CLASS;

  /** NEA: no event available. */
  private static final int NO_EVENT = 0x80;

  private final Map<Registrant, Long> told = new ConcurrentHashMap<>();
  private volatile Event last = new Event(0, 0);

  /** The last event, and how many there were. */
  private record Event(long number, int code) {}

  synchronized void happened(int code) {
    last = new Event(last.number + 1, code);
  }

  void forget(Registrant nexus) {
    told.remove(nexus);
  }

  static void run(Task task) {
    if ((task.cdb(1) & 0x01) == 0) {
      // POLLED 0 asks to be told later; nothing of ours does.
      task.check(Sense.invalidFieldInCdb(1, 0));
      return;
    }
    if ((task.cdb(4) & MEDIA_BIT) == 0) {
      task.reply(new byte[] {0, 2, (byte) NO_EVENT, MEDIA_BIT}, task.cdb16(7));
      return;
    }
    CdRomDrive drive = CdRomDrive.of(task);
    int code = drive.events().take(task.registrant());
    int status = (drive.hasDisc() ? 0x02 : 0) | (drive.medium().ejected() ? 0x01 : 0);
    ByteBuffer out = ByteBuffer.allocate(8);
    out.putShort((short) 6).put((byte) MEDIA_CLASS).put((byte) MEDIA_BIT);
    out.put((byte) code).put((byte) status);
    task.reply(out.array(), task.cdb16(7));
  }

  /** What a nexus has not been told yet; 0 for nothing. */
  private int take(Registrant nexus) {
    Event now = last;
    Long before = told.put(nexus, now.number);
    return before == null || before == now.number ? 0 : now.code;
  }
}
