// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jtgt.itests.initiator.Cdb;
import org.junit.jupiter.api.Assumptions;

/** What the device server claims in REPORT SUPPORTED OPERATION CODES (SPC-4 6.35). */
final class Claims {

  /** An operation code, with its service action where it has some. */
  record Code(int opcode, OptionalInt serviceAction) {
    @Override
    public String toString() {
      return serviceAction.isPresent()
          ? "%02x/%x".formatted(opcode, serviceAction.getAsInt())
          : "%02x".formatted(opcode);
    }
  }

  /** CDB LENGTH of each. */
  private final Map<Code, Integer> cdbBytes = new LinkedHashMap<>();

  Claims(Host host) throws IOException {
    byte[] data =
        host.disk()
            .in(Cdb.reportSupportedOperationCodes(false, 0, 0, 0, 65536), 65536)
            .requireGood()
            .data();
    ByteBuffer all = ByteBuffer.wrap(data);
    if (all.getInt(0) != data.length - 4 || (data.length - 4) % 8 != 0) {
      throw new AssertionError("COMMAND DATA LENGTH " + all.getInt(0) + " of " + data.length);
    }
    for (int at = 4; at < data.length; at += 8) {
      boolean hasAction = (data[at + 5] & 1) != 0;
      int action = all.getShort(at + 2) & 0xffff;
      Code code =
          new Code(data[at] & 0xff, hasAction ? OptionalInt.of(action) : OptionalInt.empty());
      if (cdbBytes.put(code, all.getShort(at + 6) & 0xffff) != null) {
        throw new AssertionError("claimed twice: " + code);
      }
    }
  }

  Map<Code, Integer> cdbBytes() {
    return cdbBytes;
  }

  boolean has(int opcode) {
    return cdbBytes.keySet().stream().anyMatch(code -> code.opcode == opcode);
  }

  boolean has(int opcode, int serviceAction) {
    return cdbBytes.containsKey(new Code(opcode, OptionalInt.of(serviceAction)));
  }

  /** Whether the command of a CDB is claimed. */
  boolean has(byte[] cdb) {
    int opcode = cdb[0] & 0xff;
    int action = opcode == 0x7f ? ByteBuffer.wrap(cdb).getShort(8) & 0xffff : cdb[1] & 0x1f;
    return cdbBytes.containsKey(new Code(opcode, OptionalInt.empty())) || has(opcode, action);
  }

  /** Ends a test of what is not claimed. */
  void assume(int opcode, int serviceAction) {
    Assumptions.assumeTrue(
        has(opcode, serviceAction), "%02x/%x is not claimed".formatted(opcode, serviceAction));
  }

  /** Ends a test of what is not claimed. */
  void assume(int opcode) {
    Assumptions.assumeTrue(has(opcode), "%02x is not claimed".formatted(opcode));
  }
}
