// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Files in memory that remember every write in its order, and what they are after some of them. */
final class Journal {
  private record Write(String file, long offset, byte[] bytes) {}

  private final List<Write> writes = new ArrayList<>();
  private final Map<String, byte[]> files = new HashMap<>();

  int count() {
    return writes.size();
  }

  byte[] bytes(String file) {
    return files.getOrDefault(file, new byte[0]);
  }

  /** The files after the first writes, the last of them cut in its middle when it is torn. */
  Journal prefix(int count, boolean torn) {
    Journal after = new Journal();
    for (int i = 0; i < count; i++) {
      Write write = writes.get(i);
      byte[] bytes = write.bytes();
      if (torn && i == count - 1) {
        // Data may be torn between sectors, which no store promises more than; records anywhere.
        int unit = write.file().equals("data") ? 512 : 1;
        bytes = Arrays.copyOf(bytes, bytes.length / 2 / unit * unit);
      }
      after.write(write.file(), write.offset(), bytes);
    }
    return after;
  }

  private void write(String file, long offset, byte[] bytes) {
    writes.add(new Write(file, offset, bytes));
    byte[] before = bytes(file);
    byte[] now = Arrays.copyOf(before, (int) Math.max(before.length, offset + bytes.length));
    System.arraycopy(bytes, 0, now, (int) offset, bytes.length);
    files.put(file, now);
  }

  Disk disk(String file) {
    return new Disk() {
      @Override
      public int read(long offsetBytes, ByteBuffer target) {
        byte[] now = bytes(file);
        int bytes = (int) Math.max(0, Math.min(target.remaining(), now.length - offsetBytes));
        target.put(target.position(), now, (int) Math.min(offsetBytes, now.length), bytes);
        return bytes;
      }

      @Override
      public void write(long offsetBytes, ByteBuffer source) {
        byte[] bytes = new byte[source.remaining()];
        source.get(source.position(), bytes);
        Journal.this.write(file, offsetBytes, bytes);
      }

      @Override
      public void force() {}

      @Override
      public long sizeBytes() {
        return bytes(file).length;
      }

      @Override
      public void close() {}
    };
  }
}
