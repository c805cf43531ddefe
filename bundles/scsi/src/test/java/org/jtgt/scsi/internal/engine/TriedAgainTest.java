// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.device.TransportIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** I/O that is tried again on another store, and what commands leave behind. */
@Timeout(120)
class TriedAgainTest {
  /** A store that begins an I/O, moves positions as the contract lets it, and then is gone. */
  private static final class Vanishing extends MemoryStore {
    private final Queue<StoreIo> waiting = new ArrayDeque<>();

    Vanishing() {
      super(100 * 512);
    }

    @Override
    public Completion completion() {
      return Completion.ASYNCHRONOUS;
    }

    @Override
    public synchronized void submit(StoreIo io) {
      if (io.operation() == StoreIo.Operation.FLUSH) {
        super.submit(io);
      } else {
        waiting.add(io);
      }
    }

    synchronized void vanishInTheMiddle() {
      StoreIo io = waiting.remove();
      ByteBuffer first = io.buffers()[0];
      first.position(first.limit());
      io.fail(BackstoreException.of(Kind.GONE, "gone"));
    }
  }

  private static void replaceInTheMiddle(Bench bench, Vanishing gone, MemoryStore back)
      throws InterruptedException {
    Thread removal = new Thread(() -> bench.engine.removeStore("store0", gone));
    removal.start();
    while (bench.unit.attachment().state() != StoreAttachment.State.DRAINING) {
      Thread.onSpinWait();
    }
    gone.vanishInTheMiddle();
    removal.join();
    bench.engine.addStore("store0", back);
  }

  @Test
  void aReadThatIsTriedAgainOnTheStoreThatCameBackGivesTheRightData() throws InterruptedException {
    try (Bench bench = new Bench()) {
      byte[] data = Bench.pattern(4, 1);
      MemoryStore back = new MemoryStore(100 * 512);
      back.write(8, data);
      Vanishing gone = new Vanishing();
      bench.engine.addStore("store0", gone);
      bench.clearAttentions(bench.nexus);
      FakeCommand read = Bench.read10Command(8, 4).inBuffersOf(1024);
      bench.nexus.execute(read);
      replaceInTheMiddle(bench, gone, back);
      assertThat(read.status()).isEqualTo(GOOD);
      assertThat(read.data()).isEqualTo(data);
    }
  }

  @Test
  void aWriteThatIsTriedAgainOnTheStoreThatCameBackIsWritten() throws InterruptedException {
    try (Bench bench = new Bench()) {
      byte[] data = Bench.pattern(4, 1);
      MemoryStore back = new MemoryStore(100 * 512);
      Vanishing gone = new Vanishing();
      bench.engine.addStore("store0", gone);
      bench.clearAttentions(bench.nexus);
      FakeCommand write = Bench.write10Command(8, data);
      bench.nexus.execute(write);
      replaceInTheMiddle(bench, gone, back);
      assertThat(write.status()).isEqualTo(GOOD);
      assertThat(back.content(8, 4)).isEqualTo(data);
    }
  }

  // --- copies ---

  private static Bench twoDisks(MemoryStore first, MemoryStore second) {
    Bench bench = new Bench();
    bench.serveTwo(first, second);
    return bench;
  }

  private static byte[] cscd(long naa) {
    ByteBuffer out = ByteBuffer.allocate(32);
    out.put(0, (byte) 0xE4).put(4, (byte) 1).put(5, (byte) 3).put(7, (byte) 8).putLong(8, naa);
    return out.putInt(28, 512).array();
  }

  private static FakeCommand copy(int listIdentifier, int blocks) {
    ByteBuffer list = ByteBuffer.allocate(16 + 64 + 28);
    list.put(0, (byte) listIdentifier).putShort(2, (short) 64).putInt(8, 28);
    list.put(16, cscd(Bench.NAA)).put(48, cscd(Bench.OTHER_NAA));
    list.put(80, (byte) 0x02).putShort(82, (short) 24);
    list.putShort(84, (short) 0).putShort(86, (short) 1).putShort(90, (short) blocks);
    return FakeCommand.of("83 00 00000000 00000000 0000006C 00 00").sends(list.array());
  }

  @Test
  void aListIdentifierIsFreeAgainAfterItsCopyWasAborted() {
    AsyncStore slow = new AsyncStore(100 * 512);
    try (Bench bench = twoDisks(new MemoryStore(100 * 512), slow)) {
      FakeCommand copy = copy(4, 10).tag(77);
      bench.nexus.execute(copy);
      while (slow.waiting() == 0) {
        Thread.onSpinWait();
      }
      bench.nexus.manage(org.jtgt.scsi.TaskManagementFunction.ABORT_TASK, 0, 77, response -> {});
      slow.completeAll();
      assertThat(copy.await().wasAborted()).isTrue();
      FakeCommand again = copy(4, 10);
      bench.nexus.execute(again);
      while (!again.hasEnded()) {
        slow.completeAll();
      }
      assertThat(again.status()).as(again.sense()).isEqualTo(GOOD);
    }
  }

  @Test
  void copiesHoldNoMoreMemoryThanTheBudgetKnows() {
    BufferPoolMXBean direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    AsyncStore slow = new AsyncStore(100 * 512);
    try (Bench bench = twoDisks(new MemoryStore(100 * 512), slow)) {
      long before = direct.getMemoryUsed();
      List<FakeCommand> copies = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        FakeCommand copy = copy(i, 1);
        copies.add(copy);
        bench.nexus.execute(copy);
      }
      while (slow.waiting() < 64) {
        Thread.onSpinWait();
      }
      long used = direct.getMemoryUsed() - before;
      long budget = bench.engine.budget().usedBytes();
      while (copies.stream().anyMatch(copy -> !copy.hasEnded())) {
        slow.completeAll();
      }
      assertThat(used).as("direct bytes of 64 copies of one block").isLessThanOrEqualTo(budget);
    }
  }

  @Test
  void tokensThatWereDeletedLeaveNothing() {
    try (Bench bench = twoDisks(new MemoryStore(100 * 512), new MemoryStore(100 * 512))) {
      int before = bench.clock.alarms();
      for (int i = 0; i < 500; i++) {
        ByteBuffer populate = ByteBuffer.allocate(32);
        populate.putShort(0, (short) 30).putInt(4, 600).putShort(14, (short) 16);
        assertThat(
                bench
                    .run(
                        FakeCommand.of("83 10 00000000 00000009 00000020 00 00")
                            .sends(populate.array()))
                    .status())
            .isEqualTo(GOOD);
        byte[] told = bench.runIn("84 07 00000009 00000000 00000400 00 00", 1024).data();
        ByteBuffer write = ByteBuffer.allocate(552);
        write.putShort(0, (short) 550).put(2, (byte) 0x02).put(16, told, 38, 512);
        write.putShort(534, (short) 16);
        assertThat(
                bench
                    .run(
                        FakeCommand.of("83 11 00000000 0000000A 00000228 00 00")
                            .sends(write.array()))
                    .status())
            .isEqualTo(GOOD);
      }
      assertThat(bench.clock.alarms() - before).isLessThan(100);
    }
  }

  // --- others ---

  /**
   * An iSCSI name has at most 223 bytes; 4096 registrations of 64 KiB names are half a gigabyte.
   */
  @Test
  void aTransportIdIsNoLongerThanAnIscsiName() {
    String name = "iqn." + "x".repeat(60_000) + ",i,0x000000000001";
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] id = new byte[4 + (text.length + 4) / 4 * 4];
    ByteBuffer.wrap(id).put(0, (byte) 0x45).putShort(2, (short) (id.length - 4)).put(4, text);
    assertThat(TransportIds.at(id, 0).isPresent()).isFalse();
  }

  private static final class Spacious extends MemoryStore implements FreeSpace {
    final List<Thread> asked = new ArrayList<>();

    Spacious() {
      super(100 * 512);
    }

    @Override
    public long freeBytes() throws IOException {
      asked.add(Thread.currentThread());
      return 1 << 20;
    }

    @Override
    public long allocatedBytes() {
      return 0;
    }
  }

  @Test
  void supportedLogPagesAreToldWithoutAskingTheStoreOnTheThreadThatBringsTheCommand() {
    try (Bench bench = new Bench()) {
      Spacious store = new Spacious();
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      bench.runIn("4D 00 40 00 00 00 00 00 FF 00", 255);
      bench.run("4C 00 0C 00 00 00 00 00 00 00");
      assertThat(store.asked).doesNotContain(Thread.currentThread());
    }
  }

  /** Seven busy units and one that wants 2 of 8 MiB: its turn comes. */
  @Test
  void aLargeTransferIsNotStarvedByBusyUnits() {
    try (Bench bench = new Bench(Bench.settings(), 8 << 20)) {
      AsyncStore quiet = new AsyncStore(8 << 20);
      bench.engine.addStore("store0", quiet);
      List<AsyncStore> busy = new ArrayList<>();
      Map<Integer, String> luns = new java.util.TreeMap<>(Map.of(0, "disk0"));
      for (int i = 1; i <= 7; i++) {
        bench.createUnit(Bench.settings("disk" + i, "store" + i));
        AsyncStore store = new AsyncStore(1 << 20);
        bench.engine.addStore("store" + i, store);
        busy.add(store);
        luns.put(i, "disk" + i);
      }
      bench.target.change(Bench.targetSettings(luns));
      bench.clearAttentions(bench.nexus);
      for (int i = 1; i <= 7; i++) {
        for (int k = 0; k < 8; k++) {
          bench.nexus.execute(Bench.read10Command(0, 512).lun((long) i << 48));
        }
      }
      FakeCommand large = Bench.read10Command(0, 4096);
      bench.nexus.execute(large);
      for (int round = 0; round < 1000 && quiet.waiting() == 0; round++) {
        for (int i = 1; i <= 7; i++) {
          if (busy.get(i - 1).waiting() > 0) {
            busy.get(i - 1).completeOne();
            bench.nexus.execute(Bench.read10Command(0, 512).lun((long) i << 48));
          }
        }
      }
      assertThat(quiet.waiting()).as("the large read has reached its store").isEqualTo(1);
    }
  }
}
