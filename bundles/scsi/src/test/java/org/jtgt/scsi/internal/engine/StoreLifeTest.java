// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Life of a store under I/O, and what the initiator is told of its failures. */
class StoreLifeTest {
  private final Bench bench = new Bench();
  private final MemoryStore store = new MemoryStore(1000 * 512);

  StoreLifeTest() {
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private void attach() {
    bench.engine.addStore("store0", store);
  }

  private FakeCommand start(FakeCommand command) {
    bench.nexus.execute(command);
    return command;
  }

  // --- absent ---

  @Test
  void aCommandWaitsForTheStoreAndGoesOnWhenItComes() {
    FakeCommand read = start(Bench.read10Command(0, 1));
    assertThat(read.hasEnded()).isFalse();
    assertThat(bench.unit.attachment().heldCommands()).isEqualTo(1);
    attach();
    assertThat(read.status()).isEqualTo(GOOD);
  }

  @Test
  void whatWaitedTooLongIsNotReady() {
    FakeCommand first = start(Bench.read10Command(0, 1));
    bench.clock.advance(Duration.ofSeconds(12));
    FakeCommand second = start(FakeCommand.of("00"));
    bench.clock.advance(Duration.ofSeconds(8));
    assertThat(first.sense()).isEqualTo("2/04/01");
    assertThat(second.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(12));
    assertThat(second.sense()).isEqualTo("2/04/01");
  }

  @Test
  void aShorterHoldTimeCountsForWhatComesThen() {
    bench.engine.changeUnit(bench.unit, holding(Duration.ofHours(1)));
    FakeCommand patient = start(Bench.read10Command(0, 1));
    bench.engine.changeUnit(bench.unit, holding(Duration.ofSeconds(5)));
    FakeCommand second = start(Bench.read10Command(0, 1));
    bench.clock.advance(Duration.ofSeconds(4));
    assertThat(second.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(second.sense()).isEqualTo("2/04/01");
    assertThat(patient.hasEnded()).isFalse();
    FakeCommand third = start(Bench.read10Command(0, 1));
    bench.clock.advance(Duration.ofSeconds(5));
    assertThat(third.sense()).isEqualTo("2/04/01");
    bench.clock.advance(Duration.ofHours(1));
    assertThat(patient.sense()).isEqualTo("2/04/01");
  }

  private static LuSettings holding(Duration time) {
    LuSettings of = Bench.settings();
    return new LuSettings(of.name(), "", of.store(), 512, false, true, true, time, of.identity());
  }

  @Test
  void inquiryReportLunsAndRequestSenseDoNotWait() {
    assertThat(bench.runIn("12 00 00 00 60 00", 96).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("12 01 B0 00 60 00", 96).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("A0 00 00 00 00 00 00 00 01 00 00 00", 256).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("03 00 00 00 12 00", 18).status()).isEqualTo(GOOD);
  }

  @Test
  void oneNexusMayNotHoldSoManyThatItsWindowIsUsedUp() {
    List<FakeCommand> held = new ArrayList<>();
    for (int i = 0; i < StoreAttachment.HELD_PER_NEXUS; i++) {
      held.add(start(Bench.read10Command(i, 1)));
    }
    assertThat(start(Bench.read10Command(0, 1)).status()).isEqualTo(ScsiStatus.TASK_SET_FULL);
    attach();
    held.forEach(read -> assertThat(read.status()).isEqualTo(GOOD));
  }

  @Test
  void aHeldCommandCanBeAborted() {
    FakeCommand read = start(Bench.read10Command(0, 1).tag(5));
    List<TaskManagementResponse> answers = new ArrayList<>();
    bench.nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 5, answers::add);
    assertThat(read.wasAborted()).isTrue();
    assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(bench.unit.attachment().heldCommands()).isZero();
    bench.clock.advance(Duration.ofSeconds(60));
    attach();
  }

  // --- returning ---

  @Test
  void theSameStoreAgainCostsTimeOnly() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    bench.engine.removeStore("store0", store);
    FakeCommand read = start(Bench.read10Command(0, 1));
    attach();
    assertThat(read.data()).isEqualTo(Bench.pattern(1, 1));
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  @Test
  void aStoreOfAnotherSizeRaisesCapacityDataHasChanged() {
    attach();
    bench.engine.removeStore("store0", store);
    MemoryStore larger = new MemoryStore(2000 * 512);
    bench.engine.addStore("store0", larger);
    assertThat(bench.run("00").sense()).isEqualTo("6/2A/09");
    assertThat(ByteBuffer.wrap(bench.runIn("25", 8).data()).getInt()).isEqualTo(1999);
  }

  @Test
  void aStoreOfAnotherIdentityIsNotReadyUntilTheConfigurationIsWrittenAgain() {
    attach();
    bench.engine.removeStore("store0", store);
    MemoryStore other = new MemoryStore(1000 * 512);
    other.identity = "memory-2";
    FakeCommand waiting = start(Bench.read10Command(0, 1));
    bench.engine.addStore("store0", other);
    assertThat(waiting.sense()).isEqualTo("2/04/03");
    assertThat(bench.run("00").sense()).isEqualTo("2/04/03");
    assertThat(bench.unit.choice().problem()).contains("memory-2", "memory-1");
    bench.engine.changeUnit(bench.unit, Bench.settings());
    assertThat(bench.run("00").sense()).isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  @Test
  void whatWaitsForOneMediumNeverGoesToAnother() {
    attach();
    MemoryStore other = new MemoryStore(1000 * 512);
    other.identity = "memory-2";
    bench.engine.addStore("store1", other);
    bench.engine.removeStore("store0", store);
    FakeCommand write = start(Bench.write10Command(3, Bench.pattern(1, 1)));
    assertThat(write.hasEnded()).isFalse();
    bench.engine.changeUnit(bench.unit, withStore("store1"));
    assertThat(write.sense()).isEqualTo("2/04/01");
    assertThat(other.content(3, 1)).containsOnly(0);
    assertThat(bench.run("00").sense()).as("another medium of the same size").isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  private void attach(MemoryStore of, String version) {
    bench.engine.addStore("store0", new StoreOffer(of, version));
  }

  @Test
  void anUpgradeThatComesBackWithAnotherSizeIsHeldUntilTheVersionBeforeIsBack() {
    attach(store, "1");
    bench.write10(0, Bench.pattern(1, 1));
    bench.engine.removeStore("store0", store);
    FakeCommand waiting = start(Bench.read10Command(0, 1));
    MemoryStore smaller = new MemoryStore(500 * 512);
    attach(smaller, "2");
    assertThat(waiting.hasEnded()).isFalse();
    assertThat(bench.unit.choice().needsAcceptance()).isTrue();
    assertThat(bench.unit.choice().problem()).contains("500 blocks", "instead of 1000");
    bench.engine.removeStore("store0", smaller);
    attach(store, "3");
    assertThat(waiting.data()).isEqualTo(Bench.pattern(1, 1));
    assertThat(bench.run("00").status()).as("no unit attention").isEqualTo(GOOD);
  }

  @Test
  void anUpgradeOfAnotherIdentityIsRefusedWhenTheHoldTimeIsOver() {
    attach(store, "1");
    bench.engine.removeStore("store0", store);
    FakeCommand waiting = start(Bench.read10Command(0, 1));
    MemoryStore other = new MemoryStore(1000 * 512);
    other.identity = "memory-2";
    attach(other, "2");
    assertThat(waiting.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(20));
    assertThat(waiting.sense()).isEqualTo("2/04/03");
    assertThat(bench.run("00").sense()).isEqualTo("2/04/03");
    bench.engine.changeUnit(bench.unit, Bench.settings());
    assertThat(bench.run("00").sense()).isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  private void outage(Outage outage) {
    bench.engine.changeUnit(bench.unit, with("store0", outage));
  }

  private static LuSettings with(String store, Outage outage) {
    LuSettings s = Bench.settings();
    return new LuSettings(
        s.name(),
        s.pid(),
        store,
        s.blockBytes(),
        s.readOnly(),
        s.writeCache(),
        s.thinProvisioning(),
        s.holdTime(),
        s.identity(),
        outage,
        Duration.ZERO);
  }

  @Test
  void withOutageBusyACommandIsBusyUnlessTheStoreIsOnlyReplaced() {
    outage(Outage.BUSY);
    attach();
    bench.engine.removeStore("store0", store);
    FakeCommand first = start(Bench.read10Command(0, 1));
    assertThat(first.hasEnded()).isFalse();
    attach();
    assertThat(first.status()).isEqualTo(GOOD);
    bench.engine.removeStore("store0", store);
    FakeCommand second = start(Bench.read10Command(0, 1));
    bench.clock.advance(StoreAttachment.SWAP_TIME);
    assertThat(second.status()).isEqualTo(ScsiStatus.BUSY);
    assertThat(bench.read10(0, 1).status()).isEqualTo(ScsiStatus.BUSY);
  }

  @Test
  void withOutageFailACommandIsNotReadyAtOnce() {
    outage(Outage.FAIL);
    assertThat(bench.read10(0, 1).sense()).isEqualTo("2/04/01");
  }

  @Test
  void aStoreIsLetGoOnlyWhenItsLastCallHasEnded() throws InterruptedException {
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    FakeCommand running = start(Bench.read10Command(0, 1));
    Thread removal = new Thread(() -> bench.engine.removeStore("store0", slow));
    removal.start();
    awaitWaiting(slow, 2);
    assertThat(bench.unit.attachment().isAttached()).as("while it flushes early").isTrue();
    slow.completeLast();
    while (bench.unit.attachment().state() != StoreAttachment.State.DRAINING) {
      Thread.onSpinWait();
    }
    FakeCommand held = start(Bench.read10Command(1, 1));
    assertThat(removal.isAlive()).isTrue();
    assertThat(slow.waiting()).isEqualTo(1);
    slow.completeOne();
    awaitWaiting(slow, 1);
    slow.completeOne();
    removal.join();
    assertThat(running.status()).isEqualTo(GOOD);
    assertThat(held.hasEnded()).isFalse();
    attach();
    assertThat(held.status()).isEqualTo(GOOD);
  }

  private static void awaitWaiting(AsyncStore store, int ios) {
    while (store.waiting() != ios) {
      Thread.onSpinWait();
    }
  }

  /** A filter on the store attached, as it shows the same data. */
  private static final class Filter extends MemoryStore {
    private final MemoryStore below;

    Filter(MemoryStore below) {
      super(1000 * 512);
      this.below = below;
    }

    @Override
    public void submit(StoreIo io) {
      below.submit(io);
    }
  }

  @Test
  void aFilterOnTheStoreIsInsertedAndRemovedWithoutAFlush() {
    attach();
    Filter filter = new Filter(store);
    bench.engine.addStore("filter", filter);
    bench.write10(0, Bench.pattern(1, 1));
    final int before = store.flushes.get();
    bench.engine.changeUnit(bench.unit, withStore("filter"));
    assertThat(bench.read10(0, 1).data()).isEqualTo(Bench.pattern(1, 1));
    bench.engine.changeUnit(bench.unit, withStore("store0"));
    assertThat(bench.read10(0, 1).data()).isEqualTo(Bench.pattern(1, 1));
    assertThat(store.flushes.get()).isEqualTo(before);
  }

  @Test
  void aFilterDoesNotMakeAFailedFlushForgotten() {
    attach();
    store.flushFailure = new IOException("lost");
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
    store.flushFailure = null;
    bench.engine.addStore("filter", new Filter(store));
    bench.engine.changeUnit(bench.unit, withStore("filter"));
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
  }

  @Test
  void aFlushThatFailsWhileAFilterIsInsertedIsNotForgotten() throws InterruptedException {
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    bench.engine.addStore("filter", new Filter(slow));
    FakeCommand running = start(FakeCommand.of("35 00 00000000 00 0000 00"));
    Thread insertion = new Thread(() -> bench.engine.changeUnit(bench.unit, withStore("filter")));
    insertion.start();
    while (bench.unit.attachment().state() != StoreAttachment.State.DRAINING) {
      Thread.onSpinWait();
    }
    FakeCommand held = start(FakeCommand.of("35 00 00000000 00 0000 00"));
    slow.flushFailure = new IOException("lost");
    slow.completeOne();
    slow.flushFailure = null;
    insertion.join();
    FakeCommand later = start(FakeCommand.of("35 00 00000000 00 0000 00"));
    slow.completeAll();
    assertThat(running.sense()).isEqualTo("4/44/00");
    assertThat(held.sense()).isEqualTo("4/44/00");
    assertThat(later.sense()).isEqualTo("4/44/00");
  }

  private static LuSettings withStore(String name) {
    return with(name, Outage.HOLD);
  }

  @Test
  void whatWasWrittenIsStableBeforeTheStoreIsLetGo() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    int before = store.flushes.get();
    bench.engine.removeStore("store0", store);
    assertThat(store.flushes.get())
        .as("while commands go on, and after the last")
        .isEqualTo(before + 2);
  }

  @Test
  void aStoreThatHoldsBackOnPurposeIsToldToHurryWhileItIsDrained() {
    HesitantStore hesitant = new HesitantStore();
    bench.engine.addStore("store0", hesitant);
    FakeCommand read = start(Bench.read10Command(0, 1));
    assertThat(read.hasEnded()).isFalse();
    bench.engine.removeStore("store0", hesitant);
    assertThat(read.status()).isEqualTo(GOOD);
    assertThat(hesitant.notices).isZero();
  }

  /** Does nothing until it is drained. */
  private static final class HesitantStore implements BlockingBackstore, DrainNotice {
    private final List<StoreIo> waiting = new ArrayList<>();
    private int notices;

    @Override
    public void submit(StoreIo io) {
      if (notices > 0 || io.operation() == StoreIo.Operation.FLUSH) {
        BlockingBackstore.super.submit(io);
      } else {
        waiting.add(io);
      }
    }

    @Override
    public Notice draining() {
      notices++;
      waiting.forEach(BlockingBackstore.super::submit);
      waiting.clear();
      return () -> notices--;
    }

    @Override
    public Completion completion() {
      return Completion.ASYNCHRONOUS;
    }

    @Override
    public String identity() {
      return "hesitant";
    }

    @Override
    public long sizeBytes() {
      return 1000 * 512;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      target.position(target.limit());
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) {
      source.position(source.limit());
    }

    @Override
    public void flush() {}
  }

  private AsyncStore blocked() {
    AsyncStore silent = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", silent);
    start(Bench.read10Command(0, 1));
    bench.clock.advance(StoreAttachment.BLOCK_TIME.plusSeconds(1));
    assertThat(bench.unit.attachment().state()).isEqualTo(StoreAttachment.State.BLOCKED);
    assertThat(bench.unit.choice().problem()).contains("store0 is blocked", "1 I/Os", "11 s");
    return silent;
  }

  @Test
  void aStoreThatAnswersNothingIsShownAsBlockedUntilItAnswers() {
    AsyncStore silent = blocked();
    FakeCommand second = start(Bench.read10Command(1, 1));
    assertThat(silent.waiting()).as("to hold is to wait for it").isEqualTo(2);
    silent.completeAll();
    assertThat(second.status()).isEqualTo(GOOD);
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(bench.unit.choice().problem()).isEmpty();
    assertThat(bench.unit.attachment().state()).isEqualTo(StoreAttachment.State.ATTACHED);
  }

  @Test
  void withOutageFailWhatComesToAStoreThatAnswersNothingIsNotReady() {
    outage(Outage.FAIL);
    AsyncStore silent = blocked();
    assertThat(start(Bench.read10Command(1, 1)).sense()).isEqualTo("2/04/01");
    assertThat(bench.runIn("12 00 00 00 60 00", 96).status()).isEqualTo(GOOD);
    silent.completeAll();
    bench.clock.advance(Duration.ofSeconds(1));
    FakeCommand third = start(Bench.read10Command(1, 1));
    silent.completeAll();
    assertThat(third.status()).isEqualTo(GOOD);
  }

  @Test
  void withOutageBusyWhatComesToAStoreThatAnswersNothingIsBusy() {
    outage(Outage.BUSY);
    AsyncStore silent = blocked();
    assertThat(start(Bench.read10Command(1, 1)).status()).isEqualTo(ScsiStatus.BUSY);
    silent.completeAll();
  }

  @Test
  void aStoreThatIsSlowButAnswersIsNotBlocked() {
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    start(Bench.read10Command(0, 1));
    for (int i = 0; i < 5; i++) {
      start(Bench.read10Command(0, 1));
      bench.clock.advance(Duration.ofSeconds(6));
      slow.completeOne();
    }
    assertThat(bench.unit.attachment().state()).isEqualTo(StoreAttachment.State.ATTACHED);
    slow.completeAll();
  }

  @Test
  void theNewStoreTakesOverWhenItCameBeforeTheOldOneWent() {
    attach();
    MemoryStore successor = new MemoryStore(1000 * 512);
    bench.engine.addStore("store0", successor);
    bench.write10(0, Bench.pattern(1, 1));
    assertThat(store.content(0, 1)).isEqualTo(Bench.pattern(1, 1));
    bench.engine.removeStore("store0", store);
    bench.write10(0, Bench.pattern(1, 2));
    assertThat(successor.content(0, 1)).isEqualTo(Bench.pattern(1, 2));
  }

  @Test
  void aRemovedUnitEndsWhatWaited() {
    FakeCommand read = start(Bench.read10Command(0, 1));
    bench.engine.removeUnit(bench.unit);
    assertThat(read.sense()).isEqualTo("5/25/00");
    assertThat(bench.run("00").sense()).isEqualTo("5/25/00");
    assertThat(bench.runIn("12 00 00 00 60 00", 96).data()[0]).isEqualTo((byte) 0x7F);
    assertThat(bench.runIn("03 00 00 00 12 00", 18).data()[12]).isEqualTo((byte) 0x25);
  }

  // --- failures ---

  private String senseOf(IOException failure, FakeCommand command) {
    store.failure = failure;
    String sense = bench.run(command).sense();
    store.failure = null;
    return sense;
  }

  @Test
  void eachKindOfFailureHasItsSense() {
    attach();
    byte[] data = Bench.pattern(1, 1);
    IOException full = BackstoreException.of(Kind.FULL, "full");
    assertThat(senseOf(full, Bench.write10Command(0, data))).isEqualTo("7/27/07");
    IOException protect = BackstoreException.of(Kind.WRITE_PROTECTED, "protected");
    assertThat(senseOf(protect, Bench.write10Command(0, data))).isEqualTo("7/27/00");
    IOException gone = BackstoreException.of(Kind.GONE, "gone");
    assertThat(senseOf(gone, Bench.read10Command(0, 1))).isEqualTo("2/04/01");
    assertThat(senseOf(new IOException("?"), Bench.read10Command(0, 1))).isEqualTo("4/44/00");
    store.failure = BackstoreException.of(Kind.TRANSIENT, "busy");
    assertThat(bench.read10(0, 1).status()).isEqualTo(ScsiStatus.BUSY);
  }

  @Test
  void aMediumErrorNamesTheFirstBadBlock() {
    attach();
    store.failure = BackstoreException.media("bad", 7 * 512 + 100, new IOException());
    FakeCommand read = bench.read10(5, 4);
    assertThat(read.sense()).isEqualTo("3/11/00");
    assertThat(read.senseData()[0]).isEqualTo((byte) 0xF0);
    assertThat(ByteBuffer.wrap(read.senseData()).getInt(3)).isEqualTo(7);
    assertThat(bench.write10(5, Bench.pattern(4, 1)).sense()).isEqualTo("3/0C/00");
  }

  @Test
  void afterAFailedFlushNothingIsPromisedUntilTheStoreComesAnew() {
    attach();
    store.flushFailure = new IOException("lost");
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
    store.flushFailure = null;
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
    FakeCommand fua = FakeCommand.of("2A 08 00000000 00 0001 00").sends(Bench.pattern(1, 1));
    assertThat(bench.run(fua).sense()).isEqualTo("4/44/00");
    bench.engine.removeStore("store0", store);
    attach();
    assertThat(bench.run("35 00 00000000 00 0000 00").status()).isEqualTo(GOOD);
  }

  @Test
  void eachInitiatorIsToldOnceThatTheStoreBeforeHasNotMadeItsWritesStable() {
    attach();
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    bench.write10(0, Bench.pattern(1, 1));
    replaceWithoutFlush();
    String flush = "35 00 00000000 00 0000 00";
    assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);
    assertThat(bench.run(flush).sense()).isEqualTo("3/0C/00");
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
    String fua = "2A 08 00000000 00 0001 00";
    assertThat(bench.run(other, FakeCommand.of(fua).sends(Bench.pattern(1, 2))).sense())
        .isEqualTo("3/0C/00");
    assertThat(bench.run(other, FakeCommand.of(fua).sends(Bench.pattern(1, 2))).status())
        .isEqualTo(GOOD);
  }

  @Test
  void whatIsStableIsNotLostWithTheLastFlush() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    String flush = "35 00 00000000 00 0000 00";
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
    replaceWithoutFlush();
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
  }

  @Test
  void whoWasToldOfALossByTheStoreItselfIsNotToldAgainOfTheNextOne() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    String flush = "35 00 00000000 00 0000 00";
    store.flushFailure = new IOException("lost");
    assertThat(bench.run(flush).sense()).isEqualTo("4/44/00");
    replaceWithoutFlush();
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
  }

  private void replaceWithoutFlush() {
    store.flushFailure = new IOException("lost");
    bench.engine.removeStore("store0", store);
    store.flushFailure = null;
    attach();
  }

  // --- LUN map ---

  @Test
  void anAddedLunDropsNothingAndIsAnnounced() {
    attach();
    bench.createUnit(Bench.settings("disk1", "store1"));
    bench.engine.addStore("store1", new MemoryStore(512 * 10));
    bench.target.change(Bench.targetSettings(Map.of(0, "disk0", 3, "disk1", 300, "disk2")));
    assertThat(bench.run("00").sense()).isEqualTo("6/3F/0E");
    FakeCommand other = FakeCommand.of("00").lun(3L << 48);
    assertThat(bench.run(other).sense()).isEqualTo("6/29/00");
    assertThat(Bench.hex(bench.runIn("A0 00 00 00 00 00 00 00 01 00 00 00", 256).data()))
        .isEqualTo("0000001000000000" + "0000000000000000" + "0003000000000000");
    bench.createUnit(Bench.settings("disk2", "store2"));
    assertThat(Bench.hex(bench.runIn("A0 00 00 00 00 00 00 00 01 00 00 00", 256).data()))
        .endsWith("412C000000000000");
    assertThat(bench.run("00").status()).as("REPORT LUNS has told it").isEqualTo(GOOD);
  }
}
