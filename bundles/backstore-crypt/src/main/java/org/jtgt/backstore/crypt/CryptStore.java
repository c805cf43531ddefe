// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.SizeChange;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.filter.BaseIo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps its bytes encrypted in another store. A data unit whose ciphertext is all zeros is one that
 * was never written, or was unmapped: it reads as zeros. (Of data it comes once in 2^4096 units.)
 */
final class CryptStore implements Backstore, SizeChange, CryptoErase, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CryptStore.class);
  private static final String CLOSED = "the encrypted store has been closed";
  private static final int CHUNK_BYTES = 1 << 18;
  private static final int IDLE_CHUNKS = 32;

  private final Backstore base;
  private final SecretSource secrets;
  private final Keys keys;
  private final SizeChange.Registration baseSize;
  private final List<LongConsumer> sizeListeners = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<ByteBuffer> chunks = new ConcurrentLinkedQueue<>();

  /** Held shared by each I/O, so that the key is forgotten when none needs it any more. */
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();

  /** What tells a snapshot from the store; empty for the store. */
  private final String ofSnapshot;

  private boolean closed;

  /**
   * @param opened its data key is forgotten
   * @param secrets asked again for another key
   */
  CryptStore(Backstore base, Header.Opened opened, SecretSource secrets) {
    this(base, opened, secrets, "");
  }

  private CryptStore(
      Backstore base, Header.Opened opened, SecretSource secrets, String ofSnapshot) {
    this.base = base;
    this.secrets = secrets;
    this.ofSnapshot = ofSnapshot;
    keys = new Keys(base, opened);
    baseSize =
        base.adapt(SizeChange.class).map(of -> of.onSizeChange(this::baseChanged)).orElse(() -> {});
  }

  /** An image of the base, taken of this store, as a store with keys of its own. */
  CryptStore shown(Backstore image) throws IOException {
    byte[] secret = secrets.secret();
    try {
      Header.Opened opened = Header.open(image, secret, false, Header.ROUNDS);
      return new CryptStore(image, opened, secrets, "@" + image.identity());
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /** Grows with the base. */
  private void baseChanged(long baseBytes) {
    try {
      if (keys.grow()) {
        sizeListeners.forEach(listener -> listener.accept(sizeBytes()));
      }
    } catch (IOException failure) {
      LOG.warn("{}: does not grow with its base: {}", identity(), failure.toString());
    }
  }

  @Override
  public void eraseKey() throws IOException {
    byte[] secret = secrets.secret();
    life.writeLock().lock();
    try {
      if (closed) {
        throw new IOException(CLOSED);
      }
      keys.replace(secret);
    } finally {
      life.writeLock().unlock();
      Arrays.fill(secret, (byte) 0);
    }
  }

  @Override
  public String identity() {
    return "crypt-" + keys.header().uuid() + ofSnapshot;
  }

  @Override
  public long sizeBytes() {
    return keys.header().sizeBytes();
  }

  @Override
  public int blockBytes() {
    return keys.header().unitBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return Math.max(blockBytes(), base.physicalBlockBytes());
  }

  @Override
  public boolean readOnly() {
    return base.readOnly();
  }

  @Override
  public boolean outlivesProcess() {
    return base.outlivesProcess();
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
    return granularity == 0 ? 0 : Math.max(granularity, blockBytes());
  }

  /** What lies in the base is not what this store holds: only what does not look at it passes. */
  @Override
  public <C> Optional<C> adapt(Class<C> capability) {
    if (capability == SizeChange.class && base.adapt(SizeChange.class).isPresent()) {
      return Optional.of(capability.cast(this));
    }
    if (capability == CryptoErase.class && !readOnly() && !keepsWhatWas()) {
      return Optional.of(capability.cast(this));
    }
    if (capability == AllocationMap.class) {
      return base.adapt(AllocationMap.class).map(map -> capability.cast(shifted(map)));
    }
    if (capability == Snapshots.class) {
      return base.adapt(Snapshots.class)
          .map(below -> capability.cast(new CryptSnapshots(this, keys, below)));
    }
    return capability == FreeSpace.class || capability == DrainNotice.class
        ? base.adapt(capability)
        : Optional.empty();
  }

  /** What lies below keeps headers of before, and who has the secret their keys. */
  private boolean keepsWhatWas() {
    return base.adapt(Snapshots.class).isPresent() || base.adapt(CopyOnWrite.class).isPresent();
  }

  private AllocationMap shifted(AllocationMap map) {
    return offset -> {
      AllocationMap.Extent extent = map.extentAt(Header.DATA_OFFSET + offset);
      return new AllocationMap.Extent(
          Math.min(extent.lengthBytes(), sizeBytes() - offset), extent.mapped());
    };
  }

  @Override
  public Registration onSizeChange(LongConsumer listener) {
    sizeListeners.add(listener);
    return () -> sizeListeners.remove(listener);
  }

  /** It waits for the base, and for the cipher. */
  @Override
  public Completion completion() {
    return Completion.BLOCKING;
  }

  @Override
  public void submit(StoreIo io) {
    life.readLock().lock();
    try {
      if (closed) {
        io.fail(BackstoreException.of(Kind.GONE, CLOSED));
      } else if (!keys.doubt().isEmpty()) {
        io.fail(new IOException(keys.doubt()));
      } else {
        carryOut(io);
      }
    } finally {
      life.readLock().unlock();
    }
  }

  /** Buffers may end within a data unit, so all goes through buffers of its own. */
  private void carryOut(StoreIo io) {
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
      io.fail(asSeenAbove(failure));
      return;
    }
    io.complete();
  }

  /** The base tells its own bytes. */
  private static Throwable asSeenAbove(Throwable failure) {
    if (failure instanceof BackstoreException media
        && media.kind() == Kind.MEDIA
        && media.offsetBytes().isPresent()
        && media.offsetBytes().getAsLong() >= Header.DATA_OFFSET) {
      return BackstoreException.media(
          String.valueOf(media.getMessage()),
          media.offsetBytes().getAsLong() - Header.DATA_OFFSET,
          media);
    }
    return failure;
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
    int unit = blockBytes();
    int from = chunk.position();
    // Runs of written units are decrypted together, others are zeros already.
    for (int at = from; at < chunk.limit(); ) {
      int end = at;
      while (end < chunk.limit() && !zeros(chunk, end, unit)) {
        end += unit;
      }
      if (end > at) {
        keys.xts()
            .crypt(
                false,
                chunk.duplicate().position(at).limit(end),
                unit,
                (offset + at - from) / unit);
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
    keys.xts().crypt(true, chunk, blockBytes(), offset / blockBytes());
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

  private void flush() throws IOException {
    if (!readOnly()) {
      BaseIo.flush(base);
    }
  }

  @Override
  public void close() throws Exception {
    baseSize.close();
    life.writeLock().lock();
    try {
      closed = true;
      keys.forget();
    } finally {
      life.writeLock().unlock();
    }
    if (!ofSnapshot.isEmpty() && base instanceof AutoCloseable image) {
      image.close();
    }
  }
}
