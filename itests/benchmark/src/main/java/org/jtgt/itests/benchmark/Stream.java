// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.OperationalParameters;
import org.jtgt.itests.initiator.Session;

/**
 * The commands that a workload sends over one session: what they are, where they go, and which of
 * them are in flight. Its Initiator Task Tags are a range of their own.
 */
final class Stream {
  final int blockBytes;
  final int immediateBytes;
  final int unsolicitedBytes;
  final ByteBuffer payload;
  final int blocksEach;
  private final Workload work;
  private final int firstTag;
  private final long[] luns;
  private final long places;
  private final SplittableRandom random;
  private final int[] free;
  private int freeSlots;
  private final long[] begun;
  private final boolean[] reads;
  private final long[] lunOf;
  private final int[] dataInSeen;
  private long place;
  private int turn;

  Stream(Session session, Workload work, int firstLun, int firstTag, int number)
      throws IOException {
    this.work = work;
    this.firstTag = firstTag;
    blockBytes = work.blockBytes();
    OperationalParameters agreed = session.parameters();
    unsolicitedBytes = agreed.initialR2t() ? 0 : Math.min(blockBytes, agreed.firstBurst());
    immediateBytes =
        agreed.immediateData()
            ? Math.min(Math.min(blockBytes, agreed.firstBurst()), agreed.targetMaxRecv())
            : 0;
    luns = new long[work.luns()];
    int blockSize = 512;
    long blocks = Long.MAX_VALUE;
    for (int i = 0; i < luns.length; i++) {
      LogicalUnit unit = session.logicalUnit(firstLun + i);
      unit.clearUnitAttentions();
      LogicalUnit.Capacity capacity = unit.capacity();
      blockSize = capacity.blockBytes();
      blocks = Math.min(blocks, capacity.blocks());
      luns[i] = Lun.of(firstLun + i);
    }
    blocksEach = blockBytes / blockSize;
    places = blocks / blocksEach;
    random = new SplittableRandom(number + 1L);
    place = places / Math.max(1, work.connections()) * number % places;
    byte[] noise = new byte[blockBytes];
    random.nextBytes(noise);
    payload = ByteBuffer.allocateDirect(blockBytes).put(noise).clear();
    int depth = work.depth();
    free = new int[depth];
    for (int i = 0; i < depth; i++) {
      free[i] = i;
    }
    freeSlots = depth;
    begun = new long[depth];
    reads = new boolean[depth];
    lunOf = new long[depth];
    dataInSeen = new int[depth];
  }

  boolean idle() {
    return freeSlots == free.length;
  }

  boolean hasRoom() {
    return freeSlots > 0;
  }

  boolean owns(int tag) {
    return tag >= firstTag && tag < firstTag + free.length;
  }

  /** Begins a command; gives its tag. */
  int begin(long now) {
    int slot = free[--freeSlots];
    reads[slot] =
        work.readPercent() == 100
            || (work.readPercent() > 0 && random.nextInt(100) < work.readPercent());
    begun[slot] = now;
    dataInSeen[slot] = 0;
    lunOf[slot] = luns[turn];
    turn = turn + 1 == luns.length ? 0 : turn + 1;
    return firstTag + slot;
  }

  /** The logical block where the next command begins. */
  long nextLba() {
    long at = work.sequential() ? place : random.nextLong(places);
    place = place + 1 >= places ? 0 : place + 1;
    return at * blocksEach;
  }

  boolean isRead(int tag) {
    return reads[tag - firstTag];
  }

  long lun(int tag) {
    return lunOf[tag - firstTag];
  }

  void dataIn(int tag, int bytes) {
    dataInSeen[tag - firstTag] += bytes;
  }

  /** Ends a command; gives when it began. */
  long end(int tag) throws IOException {
    int slot = tag - firstTag;
    if (reads[slot] && dataInSeen[slot] != blockBytes) {
      throw new IOException("read of %d bytes brought %d".formatted(blockBytes, dataInSeen[slot]));
    }
    free[freeSlots++] = slot;
    return begun[slot];
  }
}
