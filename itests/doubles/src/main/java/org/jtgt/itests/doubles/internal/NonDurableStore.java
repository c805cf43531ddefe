// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.itests.doubles.NonDurableStoreControl;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/**
 * A disk with an honest volatile cache: reads see every write, the file only what was flushed. Its
 * end flushes nothing; whoever lets it go has to. A test reads the file to see what is stable.
 */
@Component(
    configurationPid = "org.jtgt.itests.doubles.nondurable",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Backstore.class, NonDurableStoreControl.class},
    immediate = true)
@Designate(ocd = NonDurableStoreConfig.class, factory = true)
public final class NonDurableStore implements BlockingBackstore, NonDurableStoreControl {
  private static final int BLOCK = 512;

  private final Path path;
  private final long sizeBytes;
  private final FileChannel file;
  private final Map<Long, byte[]> cache = new TreeMap<>();
  private long flushes;

  /**
   * Opens the file.
   *
   * @throws IOException when it cannot be opened or made
   */
  @Activate
  public NonDurableStore(NonDurableStoreConfig config) throws IOException {
    this(Path.of(config.path()), config.size());
  }

  NonDurableStore(Path path, String size) throws IOException {
    this.path = path;
    sizeBytes = ArrayStore.checked(size);
    file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (file.size() < sizeBytes) {
      file.write(ByteBuffer.allocate(1), sizeBytes - 1);
    }
  }

  @Deactivate
  synchronized void close() throws IOException {
    cache.clear();
    file.close();
  }

  @Override
  public String identity() {
    return "nondurable-" + path;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public int unmapGranularityBytes() {
    return BLOCK;
  }

  // One I/O begins and ends at blocks, but its buffers meet anywhere: a buffer may end inside one.

  @Override
  public synchronized void read(long offsetBytes, ByteBuffer target) throws IOException {
    for (long at = offsetBytes; target.hasRemaining(); ) {
      int within = (int) (at % BLOCK);
      int length = Math.min(BLOCK - within, target.remaining());
      target.put(block(at - within), within, length);
      at += length;
    }
  }

  @Override
  public synchronized void write(long offsetBytes, ByteBuffer source) throws IOException {
    for (long at = offsetBytes; source.hasRemaining(); ) {
      int within = (int) (at % BLOCK);
      int length = Math.min(BLOCK - within, source.remaining());
      byte[] block = block(at - within).clone();
      source.get(block, within, length);
      cache.put(at - within, block);
      at += length;
    }
  }

  private byte[] block(long offsetBytes) throws IOException {
    byte @Nullable [] cached = cache.get(offsetBytes);
    if (cached != null) {
      return cached;
    }
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (block.hasRemaining()) {
      if (file.read(block, offsetBytes + block.position()) < 0) {
        throw new IOException(path + " ends before byte " + (offsetBytes + BLOCK));
      }
    }
    return block.array();
  }

  @Override
  public synchronized void flush() throws IOException {
    for (Map.Entry<Long, byte[]> dirty : cache.entrySet()) {
      ByteBuffer block = ByteBuffer.wrap(dirty.getValue());
      while (block.hasRemaining()) {
        file.write(block, dirty.getKey() + block.position());
      }
    }
    file.force(false);
    cache.clear();
    flushes++;
  }

  @Override
  public synchronized void crash() {
    cache.clear();
  }

  @Override
  public synchronized long flushes() {
    return flushes;
  }
}
