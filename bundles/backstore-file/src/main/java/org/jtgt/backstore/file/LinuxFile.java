// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.StoreIo;

/**
 * A file descriptor of Linux. It counts the calls inside it, so that the descriptor's number is
 * given back only when no call can use it any more.
 */
final class LinuxFile implements OpenFile {
  private static final long CLOSE_SECONDS = 10;

  private final String path;
  private final int fd;

  /** Of the same file; only {@link #lostNothing} syncs it, so that no error is told elsewhere. */
  private final int witness;

  private final FileFacts facts;
  private final AtomicInteger calls = new AtomicInteger();
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean dsync = true;
  private volatile boolean nowait = true;
  private final long sizeBytes;
  private final ReadRing ring;
  private final CacheGuess cacheGuess = new CacheGuess();

  /** Takes a descriptor over. */
  LinuxFile(String path, int fd, FileFacts facts) {
    this(path, fd, facts, Uring::open, ReadRing.IDLE);
  }

  LinuxFile(String path, int fd, FileFacts facts, ReadRing.Rings rings, Duration ringIdle) {
    this.ring = new ReadRing(this, rings, ringIdle);
    this.path = path;
    this.fd = fd;
    this.witness =
        Linux.open("/proc/self/fd/" + fd, Linux.O_RDONLY | Linux.O_CLOEXEC | Linux.O_NONBLOCK, 0);
    this.facts = facts;
    this.sizeBytes = facts.sizeBytes();
  }

  @Override
  public FileFacts facts() {
    return facts;
  }

  String path() {
    return path;
  }

  int descriptor() {
    return fd;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer[] targets, int count) throws IOException {
    enter();
    try {
      long offset = offsetBytes;
      for (int first = 0; first < count; ) {
        ByteBuffer target = targets[first];
        if (!target.hasRemaining()) {
          first++;
          continue;
        }
        long bytes;
        if (!target.isDirect()) {
          bytes = readToHeap(target, offset);
        } else {
          int run = Buffers.directRun(targets, first, count);
          bytes =
              run == 1
                  ? Transfers.read(fd, target, offset)
                  : Transfers.read(fd, targets, first, run, offset, 0);
          Buffers.advance(targets, first, bytes);
        }
        if (bytes <= 0) {
          throw readFailure((int) -bytes, offset);
        }
        offset += bytes;
      }
    } finally {
      leave();
    }
  }

  /** Why a read has not brought a byte; 0 is the end of the file. */
  IOException readFailure(int errno, long offset) {
    return errno == 0 ? Failures.truncated(path, offset) : Failures.of(errno, "read", path, offset);
  }

  /** {@inheritDoc} RWF_NOWAIT tells; what only a wait or an error can tell is left to a read. */
  @Override
  public boolean readCached(long offsetBytes, ByteBuffer[] targets, int count) {
    boolean tried = nowait && Buffers.oneCall(targets, count) && cacheGuess.worthTrying();
    if (!tried || !tryEnter()) {
      return false;
    }
    try {
      long bytes = Transfers.read(fd, targets, 0, count, offsetBytes, Transfers.RWF_NOWAIT);
      if (bytes == -Errno.EOPNOTSUPP || bytes == -Errno.ENOSYS || bytes == -Errno.EINVAL) {
        nowait = false;
      }
      if (bytes < Buffers.remaining(targets, count)) {
        cacheGuess.missed();
        return false;
      }
      cacheGuess.hit();
      Buffers.advance(targets, 0, bytes);
      return true;
    } finally {
      leave();
    }
  }

  /**
   * {@inheritDoc} Only where the system tells what is in the page cache: elsewhere a ring would
   * take a thread for each read just the same.
   */
  @Override
  public boolean beginRead(StoreIo read) {
    if (!nowait || !Buffers.oneCall(read.buffers(), read.bufferCount()) || !tryEnter()) {
      return false;
    }
    // Once more for this call: the read may end before it does.
    boolean begun = tryEnter();
    if (begun) {
      begun = ring.submit(read);
      leave();
    }
    if (!begun) {
      leave();
    }
    return begun;
  }

  /** {@inheritDoc} A stable write to a file that was deleted or made shorter fails, as a sync. */
  @Override
  public void write(long offsetBytes, ByteBuffer[] sources, int count, boolean stable)
      throws IOException {
    enter();
    try {
      long offset = offsetBytes;
      boolean stableCalls = stable && dsync;
      for (int first = 0; first < count; ) {
        if (!sources[first].hasRemaining()) {
          first++;
          continue;
        }
        long bytes = writeSome(offset, sources, first, count, stableCalls);
        if (stableCalls && (bytes == -Errno.EOPNOTSUPP || bytes == -Errno.ENOSYS)) {
          dsync = false;
          stableCalls = false;
          continue;
        }
        if (bytes <= 0) {
          throw Failures.of(bytes == 0 ? Errno.EIO : (int) -bytes, "write", path, offset);
        }
        offset += bytes;
      }
      if (stable && !stableCalls) {
        check(Linux.fdatasync(fd), "flush", -1);
      }
      if (stable) {
        checkKept();
      }
    } finally {
      leave();
    }
  }

  private long writeSome(long offset, ByteBuffer[] sources, int first, int count, boolean stable) {
    ByteBuffer source = sources[first];
    int flags = stable ? Transfers.RWF_DSYNC : 0;
    if (!source.isDirect()) {
      ByteBuffer copy = ByteBuffer.allocateDirect(source.remaining()).put(source.duplicate());
      long bytes = Transfers.write(fd, new ByteBuffer[] {copy.flip()}, 0, 1, offset, flags);
      Buffers.advance(sources, first, bytes);
      return bytes;
    }
    int run = Buffers.directRun(sources, first, count);
    long bytes =
        run == 1 && !stable
            ? Transfers.write(fd, source, offset)
            : Transfers.write(fd, sources, first, run, offset, flags);
    Buffers.advance(sources, first, bytes);
    return bytes;
  }

  private long readToHeap(ByteBuffer target, long offset) {
    ByteBuffer copy = ByteBuffer.allocateDirect(target.remaining());
    long bytes = Transfers.read(fd, copy, offset);
    if (bytes > 0) {
      target.put(copy.limit((int) bytes));
    }
    return bytes;
  }

  /**
   * {@inheritDoc}
   *
   * <p>A file that was deleted or made shorter fails here: what it holds is not kept.
   */
  @Override
  public void sync() throws IOException {
    enter();
    try {
      check(Linux.fdatasync(fd), "flush", -1);
      checkKept();
    } finally {
      leave();
    }
  }

  private void checkKept() throws IOException {
    if (facts.blockDevice()) {
      return;
    }
    Stat now = Stat.of(fd);
    if (now.links() == 0) {
      throw BackstoreException.of(Kind.GONE, path + " has been deleted");
    }
    if (now.sizeBytes() < sizeBytes) {
      throw Failures.truncated(path, now.sizeBytes());
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Linux tells an error of writing back once for each open file. What the failed call has heard
   * already, the witness still hears.
   */
  @Override
  public boolean lostNothing() throws IOException {
    enter();
    try {
      return witness >= 0 && Linux.fdatasync(witness) == 0;
    } finally {
      leave();
    }
  }

  @Override
  public boolean punchHole(long offsetBytes, long lengthBytes) throws IOException {
    return fallocate(
        Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE, offsetBytes, lengthBytes);
  }

  @Override
  public boolean zeroRange(long offsetBytes, long lengthBytes) throws IOException {
    return fallocate(
        Linux.FALLOC_FL_ZERO_RANGE | Linux.FALLOC_FL_KEEP_SIZE, offsetBytes, lengthBytes);
  }

  private boolean fallocate(int mode, long offsetBytes, long lengthBytes) throws IOException {
    enter();
    try {
      long result = Linux.fallocate(fd, mode, offsetBytes, lengthBytes);
      if (result == -Errno.EOPNOTSUPP || result == -Errno.ENOSYS) {
        return false;
      }
      check(result, "zero", offsetBytes);
      return true;
    } finally {
      leave();
    }
  }

  /** {@inheritDoc} SEEK_HOLE sees a block as data from the moment it is written to the cache. */
  @Override
  public Extent extentAt(long offsetBytes, long endBytes) throws IOException {
    enter();
    try {
      int block = facts.blockBytes();
      long data = Linux.lseek(fd, offsetBytes, Linux.SEEK_DATA);
      if (data == -Errno.ENXIO) {
        return new Extent(endBytes - offsetBytes, false);
      }
      if (data == -Errno.EINVAL) {
        return new Extent(endBytes - offsetBytes, true);
      }
      check(data, "look for data in", offsetBytes);
      long hole = (Math.min(data, endBytes) - offsetBytes) / block * block;
      if (hole > 0) {
        return new Extent(hole, false);
      }
      long end = Linux.lseek(fd, data, Linux.SEEK_HOLE);
      check(end, "look for a hole in", offsetBytes);
      long length = Math.ceilDiv(end - offsetBytes, block) * block;
      return new Extent(Math.min(length, endBytes - offsetBytes), true);
    } finally {
      leave();
    }
  }

  @Override
  public long allocatedBytes() throws IOException {
    enter();
    try {
      return Stat.of(fd).blocks512() * 512;
    } finally {
      leave();
    }
  }

  @Override
  public void close() {
    int before = calls.getAndUpdate(n -> n < 0 ? n : n + Integer.MIN_VALUE);
    if (before == 0) {
      release();
    }
    boolean interrupted = Thread.interrupted();
    try {
      // A call that hangs in a dead device keeps the descriptor; the last one out releases it.
      released.await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException end) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void enter() throws BackstoreException {
    if (!tryEnter()) {
      throw Failures.closed(path);
    }
  }

  private boolean tryEnter() {
    if (calls.incrementAndGet() < 0) {
      leave();
      return false;
    }
    return true;
  }

  /** One who entered uses the descriptor no more. */
  void leave() {
    if (calls.decrementAndGet() == Integer.MIN_VALUE) {
      release();
    }
  }

  private synchronized void release() {
    if (released.getCount() > 0) {
      if (witness >= 0) {
        Linux.close(witness);
      }
      Linux.close(fd);
      ring.close();
      released.countDown();
    }
  }

  private void check(long result, String action, long offsetBytes) throws IOException {
    if (result < 0) {
      throw Failures.of((int) -result, action, path, offsetBytes);
    }
  }
}
