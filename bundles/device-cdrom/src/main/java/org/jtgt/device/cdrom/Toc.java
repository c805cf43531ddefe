// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/** READ TOC/PMA/ATIP (MMC-6 6.25): one data track. */
final class Toc {
  private static final int LEAD_OUT = 0xAA;

  /** ADR 1, CONTROL: data track. */
  private static final byte DATA = 0x14;

  private Toc() {}

  static void run(Task task) {
    boolean msf = (task.cdb(1) & 0x02) != 0;
    long end = task.unit().attachedMedium().blocks();
    int number = task.cdb(6);
    switch (task.cdb(2) & 0x0F) {
      case 0 -> {
        if (number > 1 && number != LEAD_OUT) {
          task.check(Sense.invalidFieldInCdb(6, 7));
          return;
        }
        ByteArrayOutputStream tracks = new ByteArrayOutputStream();
        if (number <= 1) {
          tracks.writeBytes(track(1, 0, msf));
        }
        tracks.writeBytes(track(LEAD_OUT, end, msf));
        reply(task, tracks.toByteArray());
      }
      case 1 -> reply(task, track(1, 0, msf)); // first track of the last session
      case 2 -> {
        if (number > 1) {
          task.check(Sense.invalidFieldInCdb(6, 7));
          return;
        }
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        raw.writeBytes(raw(0xA0, 1, 0, 0));
        raw.writeBytes(raw(0xA1, 1, 0, 0));
        int[] out = msf(end);
        raw.writeBytes(raw(0xA2, out[0], out[1], out[2]));
        int[] first = msf(0);
        raw.writeBytes(raw(1, first[0], first[1], first[2]));
        reply(task, raw.toByteArray());
      }
      default -> task.check(Sense.invalidFieldInCdb(2, 3));
    }
  }

  private static void reply(Task task, byte[] body) {
    ByteBuffer out = ByteBuffer.allocate(4 + body.length);
    out.putShort((short) (2 + body.length)).put((byte) 1).put((byte) 1).put(body);
    task.reply(out.array(), task.cdb16(7));
  }

  private static byte[] track(int number, long lba, boolean msf) {
    ByteBuffer out = ByteBuffer.allocate(8);
    out.put(1, DATA).put(2, (byte) number);
    if (msf) {
      int[] time = msf(lba);
      out.put(5, (byte) time[0]).put(6, (byte) time[1]).put(7, (byte) time[2]);
    } else {
      out.putInt(4, (int) Math.min(lba, 0xFFFF_FFFFL));
    }
    return out.array();
  }

  /**
   * Full TOC, session 1: ADR and CONTROL, TNO, POINT, MIN, SEC, FRAME, ZERO, PMIN, PSEC, PFRAME.
   */
  private static byte[] raw(int point, int minute, int second, int frame) {
    return new byte[] {
      1, DATA, 0, (byte) point, 0, 0, 0, 0, (byte) minute, (byte) second, (byte) frame
    };
  }

  /**
   * Minute, second and frame of a block (MMC-6 4.2.3.2); the largest there is for what is beyond.
   */
  private static int[] msf(long lba) {
    long frames = Math.min(lba + 150, 255L * 60 * 75);
    return new int[] {(int) (frames / (60 * 75)), (int) (frames / 75 % 60), (int) (frames % 75)};
  }
}
