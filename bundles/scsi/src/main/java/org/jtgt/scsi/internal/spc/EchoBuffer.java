// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.SenseKey;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/**
 * WRITE BUFFER and READ BUFFER (SPC-4 6.49, 6.18): an echo buffer for each I_T nexus, its
 * descriptor, and that there is no other buffer.
 */
final class EchoBuffer {
  /** MODE (SPC-4 table 254, 319). */
  private static final int DESCRIPTOR = 0x03;

  private static final int ECHO = 0x0A;
  private static final int ECHO_DESCRIPTOR = 0x0B;

  /** BUFFER CAPACITY of the echo buffer. */
  private static final int BYTES = 4096;

  /** Nexuses whose buffers are kept; the oldest go. */
  private static final int NEXUSES = 64;

  private static final Step RESERVED = task -> task.receive(length(task), EchoBuffer::received);

  private final Map<Registrant, byte[]> buffers = new ConcurrentHashMap<>();

  private EchoBuffer() {}

  private static EchoBuffer of(Task task) {
    return task.unit().state(EchoBuffer.class, EchoBuffer::new);
  }

  private static int mode(Task task) {
    return task.cdb(1) & 0x1F;
  }

  private static int length(Task task) {
    return task.cdb(6) << 16 | task.cdb16(7);
  }

  static void write(Task task) {
    int bytes = length(task);
    if (mode(task) != ECHO) {
      task.check(Sense.invalidFieldInCdb(1, 4));
    } else if (bytes > BYTES) {
      task.check(Sense.invalidFieldInCdb(6, 7));
    } else if (bytes == 0) {
      task.good();
    } else if (task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve(bytes, RESERVED);
    }
  }

  private static void received(Task task) {
    EchoBuffer echo = of(task);
    if (echo.buffers.size() >= NEXUSES && !echo.buffers.containsKey(task.registrant())) {
      echo.buffers.keySet().stream().findFirst().ifPresent(echo.buffers::remove);
    }
    echo.buffers.put(task.registrant(), task.parameterList());
    task.end(ScsiStatus.GOOD, 0, length(task));
  }

  static void read(Task task) {
    switch (mode(task)) {
      case DESCRIPTOR -> {
        // BUFFER ID 0 of no capacity; any other does not exist.
        task.reply(new byte[] {(byte) 0xFF, 0, 0, 0}, length(task));
      }
      case ECHO -> {
        byte[] kept = of(task).buffers.get(task.registrant());
        if (kept == null) {
          // SPC-4 6.18.7: nothing was written through this nexus.
          task.check(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x2C00));
        } else {
          task.reply(kept, length(task));
        }
      }
      case ECHO_DESCRIPTOR ->
          // EBOS: what another nexus writes does not change what this one reads
          task.reply(
              ByteBuffer.allocate(4).put(0, (byte) 0x01).putShort(2, (short) BYTES).array(),
              length(task));
      default -> task.check(Sense.invalidFieldInCdb(1, 4));
    }
  }
}
