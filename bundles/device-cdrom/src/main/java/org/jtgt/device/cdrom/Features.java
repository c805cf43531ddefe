// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/** GET CONFIGURATION (MMC-6 6.5): the drive's features and its current profile. */
final class Features {
  // Profiles (MMC-6 table 95).
  private static final int NONE = 0x0000;
  private static final int CD_ROM = 0x0008;
  private static final int DVD_ROM = 0x0010;

  private Features() {}

  /**
   * A feature.
   *
   * @param version VERSION
   * @param persistent whether it is always active
   * @param current whether it is active now
   * @param data feature dependent data
   */
  private record Feature(int version, boolean persistent, boolean current, byte[] data) {
    byte[] encode(int code) {
      ByteBuffer out = ByteBuffer.allocate(4 + data.length);
      int flags = version << 2 | (persistent ? 0x02 : 0) | (current ? 0x01 : 0);
      out.putShort((short) code).put((byte) flags).put((byte) data.length).put(data);
      return out.array();
    }
  }

  static void run(Task task) {
    int which = task.cdb(1) & 0x03;
    if (which == 3) {
      task.check(Sense.invalidFieldInCdb(1, 1)); // RT
      return;
    }
    int profile = profile(task);
    int first = task.cdb16(2);
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (Map.Entry<Integer, Feature> entry : features(profile).entrySet()) {
      boolean wanted =
          switch (which) {
            case 0 -> entry.getKey() >= first;
            case 1 -> entry.getKey() >= first && entry.getValue().current;
            default -> entry.getKey() == first;
          };
      if (wanted) {
        list.writeBytes(entry.getValue().encode(entry.getKey()));
      }
    }
    byte[] body = list.toByteArray();
    ByteBuffer out = ByteBuffer.allocate(8 + body.length);
    out.putInt(4 + body.length).putShort((short) 0).putShort((short) profile).put(body);
    task.reply(out.array(), task.cdb16(7));
  }

  private static int profile(Task task) {
    if (!CdRomDrive.of(task).hasDisc()) {
      return NONE;
    }
    return task.unit().attachedMedium().blocks() > CdRomDrive.LARGEST_CD_BLOCKS ? DVD_ROM : CD_ROM;
  }

  private static TreeMap<Integer, Feature> features(int profile) {
    boolean cd = profile == CD_ROM;
    boolean dvd = profile == DVD_ROM;
    boolean disc = profile != NONE;
    TreeMap<Integer, Feature> features = new TreeMap<>();
    features.put(
        0x0000, // Profile List
        new Feature(
            0,
            true,
            true,
            new byte[] {0, DVD_ROM, (byte) (dvd ? 1 : 0), 0, 0, CD_ROM, (byte) (cd ? 1 : 0), 0}));
    // Core: SCSI family, DBE and INQ2 not set
    features.put(0x0001, new Feature(2, true, true, new byte[] {0, 0, 0, 1, 0, 0, 0, 0}));
    features.put(0x0002, new Feature(1, true, true, new byte[] {0x02, 0, 0, 0})); // Morphing
    // Removable Medium: tray, LOAD, EJECT, LOCK
    features.put(0x0003, new Feature(1, true, true, new byte[] {0x39, 0, 0, 0}));
    // Random Readable: blocks of 2048, one at a time
    features.put(0x0010, new Feature(0, false, disc, new byte[] {0, 0, 8, 0, 0, 1, 0, 0}));
    features.put(0x001E, new Feature(2, false, cd, new byte[] {0, 0, 0, 0})); // CD Read
    features.put(0x001F, new Feature(1, false, dvd, new byte[] {0, 0, 0, 0})); // DVD Read
    features.put(0x0100, new Feature(0, true, true, new byte[0])); // Power Management
    features.put(0x0105, new Feature(1, true, true, new byte[] {0, 0, 0, 0})); // Timeout
    return features;
  }
}
