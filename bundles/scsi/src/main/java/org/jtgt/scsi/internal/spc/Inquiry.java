// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** INQUIRY (SPC-4 6.6): standard data and the way to the VPD pages. */
final class Inquiry {
  /** PERIPHERAL QUALIFIER 011b, PERIPHERAL DEVICE TYPE 1Fh: nothing is mapped there. */
  private static final int NOT_MAPPED = 0x7F;

  // VERSION DESCRIPTOR values (SPC-4 table 142), no version of the standard claimed.
  private static final int SAM_5 = 0x00A0;
  private static final int SPC_4 = 0x0460;
  private static final int ISCSI = 0x0960;

  private static final int STANDARD_BYTES = 96;

  private Inquiry() {}

  static void run(Task task) {
    int page = task.cdb(2);
    int allocationLength = task.cdb16(3);
    if ((task.cdb(1) & 0x01) == 0) {
      if (page != 0) {
        task.check(Sense.invalidFieldInCdb(2, 7));
      } else {
        task.reply(standard(task), allocationLength);
      }
      return;
    }
    Optional<byte[]> data = VpdPages.page(page, task);
    if (data.isPresent()) {
      task.reply(data.get(), allocationLength);
    } else {
      task.check(Sense.invalidFieldInCdb(2, 7));
    }
  }

  /** Qualifier and device type of byte 0. */
  static byte peripheral(Task task) {
    return (byte)
        (task.unit().mapped() ? task.unit().deviceServer().peripheralDeviceType() : NOT_MAPPED);
  }

  private static byte[] standard(Task task) {
    Unit.Identity identity = task.unit().identity();
    ByteBuffer out = ByteBuffer.allocate(STANDARD_BYTES);
    out.put(0, peripheral(task));
    out.put(1, (byte) (task.unit().deviceServer().removable() ? 0x80 : 0)); // RMB
    out.put(2, (byte) 0x06); // VERSION: SPC-4
    out.put(3, (byte) 0x32); // NORMACA, HISUP, RESPONSE DATA FORMAT 2
    out.put(4, (byte) (STANDARD_BYTES - 5));
    boolean copies = task.unit().commands().hasOpcode(0x83);
    out.put(5, (byte) ((copies ? 0x08 : 0) | targetPortGroupSupport(task))); // 3PC, TPGS
    out.put(7, (byte) 0x02); // CMDQUE
    put(out, 8, 8, identity.vendor());
    put(out, 16, 16, identity.product());
    put(out, 32, 4, identity.revision());
    int at = 58;
    for (int version : versions(task)) {
      out.putShort(at, (short) version);
      at += 2;
    }
    return out.array();
  }

  /** TPGS (SPC-4 table 140): implicit, or implicit and explicit. */
  private static int targetPortGroupSupport(Task task) {
    if (task.unit().commands().find(0xA3, 0x0A) == null) {
      return 0;
    }
    return task.unit().explicitTargetPortGroups() ? 0x30 : 0x10;
  }

  private static List<Integer> versions(Task task) {
    List<Integer> versions = new ArrayList<>(List.of(SAM_5, SPC_4));
    versions.addAll(task.unit().deviceServer().versionDescriptors());
    versions.add(ISCSI);
    return versions;
  }

  /** ASCII, left-aligned, padded with spaces (SPC-4 4.3.1). */
  static void put(ByteBuffer out, int at, int bytes, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < bytes; i++) {
      out.put(at + i, i < ascii.length ? ascii[i] : (byte) ' ');
    }
  }
}
