// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.filter.BaseIo;

/**
 * Keeps its bytes encrypted in another store. A data unit whose ciphertext is all zeros is one that
 * was never written, or was unmapped: it reads as zeros. (Of data it comes once in 2^4096 units.)
 */
final class CryptStore implements BlockingBackstore, AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 18;
  private static final int IDLE_CHUNKS = 32;

  private final Backstore base;
  private final Header header;
  private final Xts xts;
  private final ConcurrentLinkedQueue<ByteBuffer> chunks = new ConcurrentLinkedQueue<>();

  CryptStore(Backstore base, Header header, Xts xts) {
    this.base = base;
    this.header = header;
    this.xts = xts;
  }

  @Override
  public String identity() {
    return "crypt-" + header.uuid();
  }

  @Override
  public long sizeBytes() {
    return header.sizeBytes();
  }

  @Override
  public int blockBytes() {
    return header.unitBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return Math.max(header.unitBytes(), base.physicalBlockBytes());
  }

  @Override
  public boolean readOnly() {
    return base.readOnly();
  }

  @Override
  public boolean volatileCache() {
    return base.volatileCache();
  }

  @Override
  public boolean nonRotational() {
    return base.nonRotational();
  }

  @Override
  public int unmapGranularityBytes() {
    int granularity = base.unmapGranularityBytes();
    return granularity == 0 ? 0 : Math.max(granularity, header.unitBytes());
  }

  /** What lies in the base is not what this store holds: only what does not look at it passes. */
  @Override
  public <C> Optional<C> adapt(Class<C> capability) {
    if (capability == AllocationMap.class) {
      return base.adapt(AllocationMap.class).map(map -> capability.cast(shifted(map)));
    }
    return capability == FreeSpace.class || capability == DrainNotice.class
        ? base.adapt(capability)
        : Optional.empty();
  }

  private AllocationMap shifted(AllocationMap map) {
    return offset -> {
      AllocationMap.Extent extent = map.extentAt(Header.DATA_OFFSET + offset);
      return new AllocationMap.Extent(
          Math.min(extent.lengthBytes(), sizeBytes() - offset), extent.mapped());
    };
  }

  /** Buffers may end within a data unit, so all goes through buffers of its own. */
  @Override
  public void submit(StoreIo io) {
    try {
      switch (io.operation()) {
        case READ -> new Transfer(io).read();
        case WRITE -> new Transfer(io).write();
        case FLUSH -> flush();
        case UNMAP -> zero(io.offsetBytes(), io.lengthBytes(), true, io.forceUnitAccess());
        case WRITE_ZEROES ->
            zero(io.offsetBytes(), io.lengthBytes(), io.mayUnmap(), io.forceUnitAccess());
      }
    } catch (IOException | RuntimeException | OutOfMemoryError failure) {
      io.fail(failure);
      return;
    }
    io.complete();
  }

  /** One I/O, chunk by chunk. */
  private final class Transfer {
    private final StoreIo io;
    private int buffer;

    Transfer(StoreIo io) {
      this.io = io;
    }

    void read() throws IOException {
      ByteBuffer chunk = takeChunk();
      try {
        for (long done = 0; done < io.lengthBytes(); done += chunk.limit()) {
          chunk.clear().limit((int) Math.min(CHUNK_BYTES, io.lengthBytes() - done));
          readChunk(io.offsetBytes() + done, chunk);
          while (chunk.hasRemaining()) {
            ByteBuffer target = next();
            int bytes = Math.min(target.remaining(), chunk.remaining());
            target.put(target.position(), chunk, chunk.position(), bytes);
            target.position(target.position() + bytes);
            chunk.position(chunk.position() + bytes);
          }
        }
      } finally {
        giveBack(chunk);
      }
    }

    void write() throws IOException {
      ByteBuffer chunk = takeChunk();
      try {
        for (long done = 0; done < io.lengthBytes(); done += chunk.limit()) {
          chunk.clear().limit((int) Math.min(CHUNK_BYTES, io.lengthBytes() - done));
          while (chunk.hasRemaining()) {
            ByteBuffer source = next();
            int bytes = Math.min(source.remaining(), chunk.remaining());
            chunk.put(chunk.position(), source, source.position(), bytes);
            source.position(source.position() + bytes);
            chunk.position(chunk.position() + bytes);
          }
          chunk.flip();
          writeChunk(io.offsetBytes() + done, chunk, io.forceUnitAccess());
        }
      } finally {
        giveBack(chunk);
      }
    }

    private ByteBuffer next() {
      while (!io.buffers()[buffer].hasRemaining()) {
        buffer++;
      }
      return io.buffers()[buffer];
    }
  }

  private ByteBuffer takeChunk() {
    ByteBuffer found = chunks.poll();
    return found != null ? found : ByteBuffer.allocateDirect(CHUNK_BYTES);
  }

  private void giveBack(ByteBuffer chunk) {
    if (chunks.size() < IDLE_CHUNKS) {
      chunks.add(chunk);
    }
  }

  private void readChunk(long offset, ByteBuffer chunk) throws IOException {
    BaseIo.read(base, Header.DATA_OFFSET + offset, chunk);
    int unit = header.unitBytes();
    int from = chunk.position();
    // Runs of written units are decrypted together, others are zeros already.
    for (int at = from; at < chunk.limit(); ) {
      int end = at;
      while (end < chunk.limit() && !zeros(chunk, end, unit)) {
        end += unit;
      }
      if (end > at) {
        xts.crypt(
            false, chunk.duplicate().position(at).limit(end), unit, (offset + at - from) / unit);
      }
      at = end + unit;
    }
  }

  private static boolean zeros(ByteBuffer chunk, int at, int bytes) {
    for (int i = 0; i < bytes; i += Long.BYTES) {
      if (chunk.getLong(at + i) != 0) {
        return false;
      }
    }
    return true;
  }

  private void writeChunk(long offset, ByteBuffer chunk, boolean stable) throws IOException {
    xts.crypt(true, chunk, header.unitBytes(), offset / header.unitBytes());
    BaseIo.write(base, Header.DATA_OFFSET + offset, chunk, stable);
  }

  /** Zeros that must hold space are encrypted as any data; unmapped ones show that they are. */
  private void zero(long offsetBytes, long lengthBytes, boolean mayUnmap, boolean stable)
      throws IOException {
    if (mayUnmap && base.unmapGranularityBytes() > 0) {
      BaseIo.zero(base, Header.DATA_OFFSET + offsetBytes, lengthBytes, true, stable);
      return;
    }
    ByteBuffer chunk = takeChunk();
    try {
      for (long done = 0; done < lengthBytes; done += chunk.limit()) {
        chunk.clear();
        chunk.put(new byte[(int) Math.min(CHUNK_BYTES, lengthBytes - done)]).flip();
        writeChunk(offsetBytes + done, chunk, stable);
      }
    } finally {
      giveBack(chunk);
    }
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) {
    throw new UnsupportedOperationException("submit does it");
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) {
    throw new UnsupportedOperationException("submit does it");
  }

  @Override
  public void flush() throws IOException {
    if (!readOnly()) {
      BaseIo.flush(base);
    }
  }

  @Override
  public void close() {
    xts.close();
  }
}
