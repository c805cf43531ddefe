// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.memory;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.ByteSize;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.SizeChange;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in the memory of the container: fast, thin, and empty again after each start. Made anew
 * it would be empty, so a changed configuration is taken over in place, or refused; a refusal is
 * shown in the live state, since SCR tells nobody.
 */
@Component(
    configurationPid = "org.jtgt.backstore.memory",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Backstore.class, StateSource.class},
    property = StateSource.KIND + "=" + MemoryStore.STORE,
    immediate = true)
@Designate(ocd = MemoryStoreConfig.class, factory = true)
public final class MemoryStore
    implements BlockingBackstore, AllocationMap, FreeSpace, SizeChange, StateSource {
  static final String STORE = "store";

  private static final Logger LOG = LoggerFactory.getLogger(MemoryStore.class);

  private final String pid;
  private final String identity = "memory-" + UUID.randomUUID();
  private final List<LongConsumer> sizeListeners = new CopyOnWriteArrayList<>();
  private final long limitBytes;
  private final Chunks chunks;
  private volatile long sizeBytes;
  private volatile String refusal = "";
  private volatile boolean closed;

  /**
   * An empty store of the configured size.
   *
   * @throws IllegalArgumentException when the size is none, or larger than the machine's memory
   */
  @Activate
  public MemoryStore(MemoryStoreConfig config, Map<String, Object> properties) {
    this(String.valueOf(properties.get("service.pid")), config.size(), MachineMemory.bytes());
  }

  MemoryStore(String pid, String size, long limitBytes) {
    this.pid = pid;
    this.limitBytes = limitBytes;
    this.sizeBytes = checked(size);
    this.chunks = new Chunks(limitBytes);
  }

  /** Grows in place; a smaller size is refused and changes nothing. */
  @Modified
  void modified(MemoryStoreConfig config) {
    try {
      resize(config.size());
      refusal = "";
    } catch (IllegalArgumentException refused) {
      refusal = String.valueOf(refused.getMessage());
      LOG.warn("{}: {}; what it was before goes on", pid, refusal);
    }
  }

  @Override
  public String kind() {
    return STORE;
  }

  @Override
  public List<StateRow> rows() {
    return refusal.isEmpty()
        ? List.of()
        : List.of(
            new StateRow(
                pid.substring(pid.indexOf('~') + 1),
                pid,
                Map.of("state", "failed", "reason", refusal)));
  }

  synchronized void resize(String size) {
    long newBytes = checked(size);
    if (newBytes < sizeBytes) {
      throw new IllegalArgumentException(
          "size: '%s' is less than the present %s; a store in use does not shrink"
              .formatted(size, new ByteSize(sizeBytes)));
    }
    if (newBytes > sizeBytes) {
      sizeBytes = newBytes;
      sizeListeners.forEach(listener -> listener.accept(newBytes));
    }
  }

  @Deactivate
  void close() {
    closed = true;
    chunks.close();
  }

  private long checked(String size) {
    long bytes = ByteSize.parseStoreSize("size", size);
    if (bytes > limitBytes) {
      throw new IllegalArgumentException(
          "size: '%s' is more than the %d bytes of memory of this machine"
              .formatted(size, limitBytes));
    }
    return bytes;
  }

  /** A new one for each life of the store, since its data ends with it. */
  @Override
  public String identity() {
    return identity;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean outlivesProcess() {
    return false;
  }

  /** A flush could save nothing: what is lost is lost with the process. */
  @Override
  public boolean volatileCache() {
    return false;
  }

  /**
   * All memory is taken before the first byte is written, and after a crash there is nothing of the
   * store.
   */
  @Override
  public int atomicUnitBytes() {
    return Chunks.CHUNK_BYTES;
  }

  @Override
  public int unmapGranularityBytes() {
    return Chunks.CHUNK_BYTES;
  }

  @Override
  public Completion completion() {
    return Completion.INLINE;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws BackstoreException {
    open();
    int start = target.position();
    chunks.visit(
        offsetBytes,
        target.remaining(),
        false,
        (memory, begin, length, done) -> {
          int at = start + (int) done;
          if (memory == null) {
            Chunks.clear(target, at, length);
          } else {
            target.put(at, memory, begin, length);
          }
        });
    target.position(target.limit());
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws BackstoreException {
    int start = source.position();
    if (source.remaining() <= Chunks.CHUNK_BYTES
        && offsetBytes % Chunks.CHUNK_BYTES + source.remaining() > Chunks.CHUNK_BYTES) {
      // The chunks are there before the first is written: all of an atomic write, or nothing.
      allocating(offsetBytes, source.remaining(), (memory, begin, length, done) -> {});
    }
    allocating(
        offsetBytes,
        source.remaining(),
        (memory, begin, length, done) -> {
          if (memory != null) {
            memory.put(begin, source, start + (int) done, length);
          }
        });
    source.position(source.limit());
  }

  @Override
  public void flush() throws BackstoreException {
    open();
  }

  @Override
  public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap)
      throws BackstoreException {
    if (mayUnmap) {
      open();
      chunks.release(offsetBytes, lengthBytes);
      return;
    }
    allocating(
        offsetBytes,
        lengthBytes,
        (memory, begin, length, done) -> {
          if (memory != null) {
            Chunks.clear(memory, begin, length);
          }
        });
  }

  @Override
  public Extent extentAt(long offsetBytes) {
    boolean mapped = chunks.allocatedAt(offsetBytes);
    long end = offsetBytes;
    do {
      end = (end / Chunks.CHUNK_BYTES + 1) * Chunks.CHUNK_BYTES;
    } while (end < sizeBytes && chunks.allocatedAt(end) == mapped);
    return new Extent(Math.min(end, sizeBytes) - offsetBytes, mapped);
  }

  @Override
  public long allocatedBytes() {
    return Math.min(chunks.allocatedBytes(), sizeBytes);
  }

  @Override
  public long freeBytes() {
    return sizeBytes - allocatedBytes();
  }

  @Override
  public Registration onSizeChange(LongConsumer listener) {
    sizeListeners.add(listener);
    return () -> sizeListeners.remove(listener);
  }

  private void allocating(long offsetBytes, long lengthBytes, Chunks.Visitor visitor)
      throws BackstoreException {
    open();
    try {
      chunks.visit(offsetBytes, lengthBytes, true, visitor);
    } catch (OutOfMemoryError full) {
      throw BackstoreException.of(
          Kind.FULL, "no memory left for %d bytes at %d".formatted(lengthBytes, offsetBytes), full);
    }
  }

  private void open() throws BackstoreException {
    if (closed) {
      throw BackstoreException.of(Kind.GONE, "the memory store has been closed");
    }
  }
}
