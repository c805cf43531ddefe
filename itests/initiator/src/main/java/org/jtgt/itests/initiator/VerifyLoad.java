// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A load that verifies, as fio's {@code rw=randrw} with {@code verify}: one session keeps a number
 * of commands in flight on one logical unit, writes blocks that tell their place and generation,
 * and reads them back. It never logs in again, takes a unit attention for an error, and measures
 * how long a command waited.
 *
 * <p>It begins when it is made and ends with {@link #close}, which throws what went wrong.
 */
public final class VerifyLoad implements AutoCloseable {
  private static final int BLOCK_BYTES = 512;

  /** Blocks of a slot: the range that one command reads or writes as a whole. */
  private static final int[] SLOT_BLOCKS = {1, 3, 8, 8, 8, 16, 33, 128};

  private static final Duration BREATH = Duration.ofMillis(100);

  /** One range: where it lies, and what it holds by the last write that was acknowledged. */
  private static final class Slot {
    final long lba;
    final int blocks;
    long generation;

    Slot(long lba, int blocks) {
      this.lba = lba;
      this.blocks = blocks;
    }
  }

  private record Running(Slot slot, long generation, long sinceNanos) {}

  private final Session session;
  private final Connection connection;
  private final long lun;
  private final int depth;
  private final long seed;
  private final List<Slot> free = new ArrayList<>();
  private final Map<ScsiTask, Running> running = new HashMap<>();
  private final Random random;
  private final AtomicLong worstNanos = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();
  private final Thread thread;
  private volatile boolean ending;
  private volatile @Nullable Throwable failure;

  /**
   * Logs in and begins.
   *
   * @param depth commands in flight
   * @param lba first block of the range that belongs to this load alone
   * @param blocks its length
   */
  public VerifyLoad(
      InetSocketAddress portal,
      LoginOptions options,
      int lun,
      int depth,
      long lba,
      long blocks,
      long seed)
      throws IOException {
    this.depth = depth;
    this.seed = seed;
    this.lun = Lun.of(lun);
    random = new Random(seed);
    long at = lba;
    for (int i = 0; at + SLOT_BLOCKS[i % SLOT_BLOCKS.length] <= lba + blocks; i++) {
      free.add(new Slot(at, SLOT_BLOCKS[i % SLOT_BLOCKS.length]));
      at += SLOT_BLOCKS[i % SLOT_BLOCKS.length];
    }
    session = Session.login(portal, options);
    connection = session.connection();
    session.logicalUnit(lun).clearUnitAttentions();
    thread = Thread.ofPlatform().name("load-lun" + lun).start(this::run);
  }

  /** TSIH of its one session. */
  public int tsih() {
    return session.tsih();
  }

  /** Commands that ended well so far. */
  public long completed() {
    return completed.get();
  }

  /** The longest that a command took since the last call, those that still run included. */
  public Duration worstSinceLastAsked() {
    return Duration.ofNanos(worstNanos.getAndSet(0));
  }

  /** What went wrong, as soon as it has. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    try {
      while (!ending) {
        while (running.size() < depth && !free.isEmpty() && session.window().isOpen()) {
          submit();
        }
        receive();
      }
      while (!running.isEmpty()) {
        receive();
      }
      verifyAll();
    } catch (IOException | RuntimeException | AssertionError e) {
      failure = e;
    }
  }

  private void submit() throws IOException {
    Slot slot = takeAny();
    boolean write = slot.generation == 0 || random.nextBoolean();
    long generation = write ? slot.generation + 1 : slot.generation;
    ScsiCommand command =
        write
            ? ScsiCommand.out(lun, Cdb.write16(slot.lba, slot.blocks), content(slot, generation))
            : ScsiCommand.in(lun, Cdb.read16(slot.lba, slot.blocks), slot.blocks * BLOCK_BYTES);
    running.put(connection.submit(command), new Running(slot, generation, System.nanoTime()));
  }

  private Slot takeAny() {
    int index = random.nextInt(free.size());
    Slot slot = free.get(index);
    Slot last = free.removeLast();
    if (index < free.size()) {
      free.set(index, last);
    }
    return slot;
  }

  private void receive() throws IOException {
    try {
      connection.receive(BREATH);
    } catch (java.net.SocketTimeoutException quiet) {
      long now = System.nanoTime();
      for (Running each : running.values()) {
        worst(now - each.sinceNanos());
        if (now - each.sinceNanos() > Connection.TIMEOUT.toNanos()) {
          throw new IOException("a command on LBA " + each.slot().lba + " has no answer", quiet);
        }
      }
      return;
    }
    for (Iterator<Map.Entry<ScsiTask, Running>> each = running.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<ScsiTask, Running> entry = each.next();
      if (entry.getKey().result().isPresent()) {
        each.remove();
        ended(entry.getKey(), entry.getValue());
      }
    }
  }

  private void ended(ScsiTask task, Running run) throws IOException {
    worst(System.nanoTime() - run.sinceNanos());
    ScsiResult result = connection.await(task).requireGood();
    Slot slot = run.slot();
    if (task.command().dataInBytes() > 0) {
      verify(slot, result.data());
    } else {
      slot.generation = run.generation();
    }
    free.add(slot);
    completed.incrementAndGet();
  }

  private void worst(long nanos) {
    worstNanos.accumulateAndGet(nanos, Math::max);
  }

  /** Reads back everything that was ever acknowledged. */
  private void verifyAll() throws IOException {
    for (Slot slot : free) {
      if (slot.generation > 0) {
        ScsiCommand read =
            ScsiCommand.in(lun, Cdb.read16(slot.lba, slot.blocks), slot.blocks * BLOCK_BYTES);
        verify(slot, connection.execute(read).requireGood().data());
      }
    }
  }

  private void verify(Slot slot, byte[] found) {
    byte[] expected = content(slot, slot.generation);
    int wrong = java.util.Arrays.mismatch(expected, found);
    if (wrong >= 0) {
      throw new AssertionError(
          "LBA %d, %d blocks, generation %d: byte %d is wrong; the block says LBA %d, generation %d"
              .formatted(
                  slot.lba,
                  slot.blocks,
                  slot.generation,
                  wrong,
                  ByteBuffer.wrap(found).getLong(wrong / BLOCK_BYTES * BLOCK_BYTES),
                  ByteBuffer.wrap(found).getLong(wrong / BLOCK_BYTES * BLOCK_BYTES + 8)));
    }
  }

  private byte[] content(Slot slot, long generation) {
    ByteBuffer content = ByteBuffer.allocate(slot.blocks * BLOCK_BYTES);
    for (int block = 0; block < slot.blocks; block++) {
      SplittableRandom noise = new SplittableRandom(seed ^ (slot.lba + block) << 20 ^ generation);
      content.putLong(slot.lba + block).putLong(generation);
      for (int i = 2; i < BLOCK_BYTES / Long.BYTES; i++) {
        content.putLong(noise.nextLong());
      }
    }
    return content.array();
  }

  /**
   * Ends the load, reads everything back and logs out.
   *
   * @throws AssertionError with what went wrong
   */
  @Override
  public void close() throws IOException {
    ending = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Throwable failed = failure;
    if (failed != null) {
      session.drop();
      throw new AssertionError(
          "the load on LUN %d failed: %s".formatted(lun >>> 48, failed), failed);
    }
    session.logout();
  }
}
