// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.reservation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jtgt.scsi.device.Reservations.Registration;
import org.jtgt.scsi.device.Reservations.Report;
import org.jtgt.scsi.device.Task;

/** PERSISTENT RESERVE IN (SPC-4 6.15). */
final class ReserveIn {
  private ReserveIn() {}

  private static void reply(Task task, int generation, byte[] body) {
    ByteBuffer out = ByteBuffer.allocate(8 + body.length);
    out.putInt(generation).putInt(body.length).put(body);
    task.reply(out.array(), task.cdb16(7));
  }

  static void readKeys(Task task) {
    Report report = task.unit().reservations().report();
    ByteBuffer keys = ByteBuffer.allocate(8 * report.registrations().size());
    report.registrations().forEach(registration -> keys.putLong(registration.key()));
    reply(task, report.generation(), keys.array());
  }

  static void readReservation(Task task) {
    Report report = task.unit().reservations().report();
    byte[] body =
        report
            .type()
            .map(type ->
                ByteBuffer.allocate(16)
                    .putLong(0, type.code() >= 7 ? 0 : report.holderKey())
                    .put(13, (byte) type.code())
                    .array())
            .orElse(new byte[0]);
    reply(task, report.generation(), body);
  }

  /** SPC-4 6.15.4: every type, and TYPE MASK VALID; nothing is kept over a power loss. */
  static void reportCapabilities(Task task) {
    ByteBuffer out = ByteBuffer.allocate(8);
    out.putShort(0, (short) 8);
    out.put(3, (byte) 0x80); // TMV
    out.put(4, (byte) 0xEA).put(5, (byte) 0x01);
    task.reply(out.array(), task.cdb16(7));
  }

  static void readFullStatus(Task task) {
    Report report = task.unit().reservations().report();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Registration registration : report.registrations()) {
      byte[] transport =
          HexFormat.of().parseHex(registration.registrant().initiator().transportId());
      ByteBuffer out = ByteBuffer.allocate(24 + transport.length);
      out.putLong(0, registration.key());
      if (registration.holder()) {
        out.put(12, (byte) 0x01);
        out.put(13, (byte) (int) report.type().map(type -> type.code()).orElse(0));
      }
      out.putShort(18, (short) registration.registrant().relativePort());
      out.putInt(20, transport.length).put(24, transport);
      body.writeBytes(out.array());
    }
    reply(task, report.generation(), body.toByteArray());
  }
}
