// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jtgt.backstore.BlockingBackstore;

/** A base that lies on the machine of a {@link Journal}, and crashes with it. */
final class JournaledStore implements BlockingBackstore {
  private final Disk disk;
  private final int bytes;

  JournaledStore(Journal machine, int bytes) {
    disk = machine.disk("base");
    this.bytes = bytes;
  }

  @Override
  public String identity() {
    return "base";
  }

  @Override
  public long sizeBytes() {
    return bytes;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws IOException {
    int found = disk.read(offsetBytes, target);
    target.position(target.position() + found);
    target.put(new byte[target.remaining()]);
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws IOException {
    disk.write(offsetBytes, source);
    source.position(source.limit());
  }

  @Override
  public void flush() throws IOException {
    disk.force();
  }
}
