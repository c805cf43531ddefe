// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Task;

/** The Third-party Copy VPD page (SPC-4 7.8.17), with what SBC-3 6.6.5 adds for tokens. */
public final class ThirdPartyCopyPage {
  private ThirdPartyCopyPage() {}

  /** The third-party copy descriptors. */
  public static byte[] body(Task task) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    add(out, 0x0000, blockDeviceRodTokenLimits(task));
    add(out, 0x0001, commands(task));
    add(out, 0x0004, parameterData());
    add(
        out,
        0x0008,
        new byte[] {
          3, CopyLimits.BLOCK_TO_BLOCK, CopyLimits.VERIFY_CSCD, (byte) CopyLimits.IDENTIFICATION
        });
    // CSCD descriptor IDs beside those of the list: the unit itself
    add(out, 0x000C, new byte[] {0, 2, (byte) 0xFF, (byte) 0xFF});
    add(out, 0x0108, rodTypes());
    add(out, 0x8001, generalCopyOperations());
    return out.toByteArray();
  }

  private static void add(ByteArrayOutputStream out, int type, byte[] content) {
    int padded = (content.length + 3) / 4 * 4;
    ByteBuffer descriptor = ByteBuffer.allocate(4 + padded);
    descriptor.putShort((short) type).putShort((short) padded).put(content);
    out.writeBytes(descriptor.array());
  }

  private static byte[] blockDeviceRodTokenLimits(Task task) {
    long block = task.unit().medium().map(medium -> medium.blockBytes()).orElse(512);
    ByteBuffer out = ByteBuffer.allocate(32);
    out.putShort(6, (short) CopyLimits.RANGES);
    out.putInt(8, CopyLimits.MAXIMUM_INACTIVITY_TIMEOUT);
    out.putInt(12, CopyLimits.DEFAULT_INACTIVITY_TIMEOUT);
    out.putLong(16, CopyLimits.TOKEN_BYTES / block);
    out.putLong(24, CopyLimits.TOKEN_BYTES / block);
    return out.array();
  }

  /** COMMANDS SUPPORTED: from the command table. */
  private static byte[] commands(Task task) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (int opcode : new int[] {0x83, 0x84}) {
      List<Integer> actions = new ArrayList<>();
      for (Command row : task.unit().commands().rows()) {
        if (row.opcode() == opcode) {
          actions.add(row.serviceAction());
        }
      }
      list.write(opcode);
      list.write(actions.size());
      actions.forEach(list::write);
    }
    byte[] bytes = list.toByteArray();
    return ByteBuffer.allocate(1 + bytes.length).put((byte) bytes.length).put(bytes).array();
  }

  private static byte[] parameterData() {
    ByteBuffer out = ByteBuffer.allocate(28);
    out.putShort(4, (short) CopyLimits.CSCD_DESCRIPTORS);
    out.putShort(6, (short) CopyLimits.SEGMENT_DESCRIPTORS);
    out.putInt(8, CopyLimits.DESCRIPTOR_LIST_BYTES);
    return out.array();
  }

  /** Supported ROD Token and ROD Types (SPC-4 7.8.17.10): access upon reference, with a token. */
  private static byte[] rodTypes() {
    ByteBuffer out = ByteBuffer.allocate(4 + 64);
    out.putShort(2, (short) 64);
    out.putInt(4, Tokens.ACCESS_UPON_REFERENCE);
    out.put(9, (byte) 0x03); // TOKEN_OUT, TOKEN_IN
    return out.array();
  }

  private static byte[] generalCopyOperations() {
    ByteBuffer out = ByteBuffer.allocate(32);
    out.putInt(0, CopyLimits.CONCURRENT).putInt(4, CopyLimits.CONCURRENT);
    out.putInt(8, CopyLimits.SEGMENT_BYTES);
    out.put(12, (byte) 9);
    return out.array();
  }
}
