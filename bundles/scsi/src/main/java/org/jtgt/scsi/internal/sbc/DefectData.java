// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.scsi.device.Task;

/** READ DEFECT DATA(10) and (12) (SBC-3 5.17, 5.18): empty lists, in whatever format is asked. */
final class DefectData {
  private DefectData() {}

  static void ten(Task task) {
    ByteBuffer out = ByteBuffer.allocate(4);
    out.put(1, (byte) (task.cdb(2) & 0x1F)); // PLISTV, GLISTV, DEFECT LIST FORMAT
    task.reply(out.array(), task.cdb16(7));
  }

  static void twelve(Task task) {
    ByteBuffer out = ByteBuffer.allocate(8);
    out.put(1, (byte) (task.cdb(1) & 0x1F));
    task.reply(out.array(), task.cdb32(6));
  }
}
