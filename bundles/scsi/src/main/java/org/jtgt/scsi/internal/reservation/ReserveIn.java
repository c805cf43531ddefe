// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.reservation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.Reservations.Type;
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
    ReservationState state = task.unit().reservations().state();
    ByteBuffer keys = ByteBuffer.allocate(8 * state.keys().size());
    state.keys().values().forEach(keys::putLong);
    reply(task, state.generation(), keys.array());
  }

  static void readReservation(Task task) {
    ReservationState state = task.unit().reservations().state();
    Type type = state.type();
    Long holderKey = state.holder() == null ? null : state.keys().get(state.holder());
    byte[] body = new byte[0];
    if (type != null) {
      body =
          ByteBuffer.allocate(16)
              .putLong(0, type.allRegistrants() || holderKey == null ? 0 : holderKey)
              .put(13, (byte) type.code())
              .array();
    }
    reply(task, state.generation(), body);
  }

  /** SPC-4 6.15.4. */
  static void reportCapabilities(Task task) {
    ByteBuffer out = ByteBuffer.allocate(8);
    out.putShort(0, (short) 8);
    out.put(2, (byte) 0x1D); // CRH, SIP_C, ATP_C, PTPL_C
    // TMV, no more commands allowed than the standards' tables say; PTPL_A
    out.put(3, (byte) (0x80 | (task.unit().reservations().state().persists() ? 0x01 : 0x00)));
    out.put(4, (byte) 0xEA).put(5, (byte) 0x01); // every type
    task.reply(out.array(), task.cdb16(7));
  }

  /** SPC-4 6.15.5; each registration is of one target port, ALL_TG_PT is never reported. */
  static void readFullStatus(Task task) {
    ReservationState state = task.unit().reservations().state();
    Type type = state.type();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    state
        .keys()
        .forEach((who, key) -> {
          byte[] transport = HexFormat.of().parseHex(who.transportId());
          ByteBuffer out = ByteBuffer.allocate(24 + transport.length);
          out.putLong(0, key);
          if (type != null && state.holds(who)) {
            out.put(12, (byte) 0x01).put(13, (byte) type.code());
          }
          out.putShort(18, (short) who.relativePort());
          out.putInt(20, transport.length).put(24, transport);
          body.writeBytes(out.array());
        });
    reply(task, state.generation(), body.toByteArray());
  }
}
