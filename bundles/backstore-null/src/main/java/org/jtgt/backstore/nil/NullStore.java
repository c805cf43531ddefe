// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.nil;

import java.nio.ByteBuffer;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.ByteSize;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that forgets: every write succeeds and leaves zeros. It exists to measure what stands
 * above stores, and says in the log that it keeps nothing.
 */
@Component(
    configurationPid = "org.jtgt.backstore.null",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = Backstore.class,
    immediate = true)
@Designate(ocd = NullStoreConfig.class, factory = true)
public final class NullStore implements BlockingBackstore, AllocationMap {
  private static final Logger LOG = LoggerFactory.getLogger(NullStore.class);
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 16).asReadOnlyBuffer();

  private final long sizeBytes;

  /**
   * A store of the configured size.
   *
   * @throws IllegalArgumentException when the size is not a positive multiple of 512 bytes
   */
  @Activate
  public NullStore(NullStoreConfig config) {
    this(config.size());
    LOG.warn("A null store of {} is up: it forgets every write and reads zeros", config.size());
  }

  NullStore(String size) {
    sizeBytes = ByteSize.parseStoreSize("size", size);
  }

  /** All null stores hold the same data. */
  @Override
  public String identity() {
    return "null";
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  /** There is nothing to lose: the zeros are as stable as can be. */
  @Override
  public boolean volatileCache() {
    return false;
  }

  @Override
  public int unmapGranularityBytes() {
    return blockBytes();
  }

  @Override
  public Completion completion() {
    return Completion.INLINE;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) {
    while (target.hasRemaining()) {
      int chunk = Math.min(target.remaining(), ZEROS.capacity());
      target.put(target.position(), ZEROS, 0, chunk).position(target.position() + chunk);
    }
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) {
    source.position(source.limit());
  }

  @Override
  public void flush() {}

  @Override
  public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap) {}

  @Override
  public Extent extentAt(long offsetBytes) {
    return new Extent(sizeBytes - offsetBytes, false);
  }
}
