// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;
import static org.jtgt.scsi.ScsiStatus.RESERVATION_CONFLICT;

import java.nio.ByteBuffer;
import org.jtgt.scsi.ScsiStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Persistent reservations (SPC-4 5.13) seen from two nexuses. */
class ReservationTest {
  private static final int REGISTER = 0;
  private static final int RESERVE = 1;
  private static final int RELEASE = 2;
  private static final int CLEAR = 3;
  private static final int PREEMPT = 4;
  private static final int PREEMPT_AND_ABORT = 5;

  private final Bench bench = new Bench();
  private final AsyncStore store = new AsyncStore(100 * 512);
  private final Nexus a = bench.nexus;
  private final Nexus b = bench.connect("b");

  ReservationTest() {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(a);
    bench.clearAttentions(b);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private FakeCommand outCommand(int action, int type, long key, long actionKey) {
    byte[] list = ByteBuffer.allocate(24).putLong(key).putLong(actionKey).array();
    return FakeCommand.of("5F %02X %02X 00 00 00000018 00".formatted(action, type)).sends(list);
  }

  private FakeCommand out(Nexus by, int action, int type, long key, long actionKey) {
    return bench.run(by, outCommand(action, type, key, actionKey));
  }

  private void register(Nexus by, long key) {
    assertThat(out(by, REGISTER, 0, 0, key).status()).isEqualTo(GOOD);
  }

  private ScsiStatus read(Nexus by) {
    FakeCommand read = Bench.read10Command(0, 1);
    by.execute(read);
    store.completeAll();
    return read.status();
  }

  private ScsiStatus write(Nexus by) {
    FakeCommand write = Bench.write10Command(0, new byte[512]);
    by.execute(write);
    store.completeAll();
    return write.status();
  }

  private byte[] readKeys() {
    return bench.runIn("5E 00 00 00 00 00 00 01 00 00", 256).data();
  }

  @Test
  void registeredKeysAreReadAndCountedByTheGeneration() {
    register(a, 0xA);
    register(b, 0xB);
    assertThat(Bench.hex(readKeys()))
        .isEqualTo("0000000200000010" + "000000000000000A" + "000000000000000B");
    assertThat(out(b, REGISTER, 0, 0xC, 0xD).status()).isEqualTo(RESERVATION_CONFLICT);
    assertThat(out(b, REGISTER, 0, 0xB, 0).status()).isEqualTo(GOOD);
    assertThat(Bench.hex(readKeys())).isEqualTo("0000000300000008" + "000000000000000A");
  }

  @Test
  void eachTypeLetsThroughWhatItSays() {
    register(a, 0xA);
    Object[][] expected = {
      // type, unregistered reads, unregistered writes, registered reads, registered writes
      {1, true, false, true, false},
      {3, false, false, false, false},
      {5, true, false, true, true},
      {6, false, false, true, true},
      {7, true, false, true, true},
      {8, false, false, true, true},
    };
    for (Object[] row : expected) {
      int type = (Integer) row[0];
      assertThat(out(a, RESERVE, type, 0xA, 0).status()).isEqualTo(GOOD);
      assertThat(read(a)).isEqualTo(GOOD);
      assertThat(write(a)).isEqualTo(GOOD);
      assertThat(read(b) == GOOD).as("type %d read", type).isEqualTo(row[1]);
      assertThat(write(b) == GOOD).as("type %d write", type).isEqualTo(row[2]);
      register(b, 0xB);
      assertThat(read(b) == GOOD).as("type %d registered read", type).isEqualTo(row[3]);
      assertThat(write(b) == GOOD).as("type %d registered write", type).isEqualTo(row[4]);
      assertThat(out(b, REGISTER, 0, 0xB, 0).status()).isEqualTo(GOOD);
      assertThat(out(a, RELEASE, type, 0xA, 0).status()).isEqualTo(GOOD);
      bench.clearAttentions(b);
    }
  }

  @Test
  void inquiryAndReportLunsRunUnderAnyReservation() {
    register(a, 0xA);
    out(a, RESERVE, 3, 0xA, 0);
    assertThat(bench.run(b, FakeCommand.of("12 00 00 00 60 00").expectsIn(96)).status())
        .isEqualTo(GOOD);
    assertThat(bench.run(b, FakeCommand.of("00")).status()).isEqualTo(GOOD);
    assertThat(bench.run(b, FakeCommand.of("1A 08 3F 00 FF 00").expectsIn(255)).status())
        .isEqualTo(RESERVATION_CONFLICT);
  }

  @Test
  void onlyARegisteredNexusReservesAndTheReleaseMustName() {
    assertThat(out(a, RESERVE, 5, 0xA, 0).status()).isEqualTo(RESERVATION_CONFLICT);
    register(a, 0xA);
    register(b, 0xB);
    assertThat(out(a, RESERVE, 5, 0xA, 0).status()).isEqualTo(GOOD);
    assertThat(out(b, RESERVE, 5, 0xB, 0).status()).isEqualTo(RESERVATION_CONFLICT);
    assertThat(out(a, RELEASE, 6, 0xA, 0).sense()).isEqualTo("5/26/04");
    assertThat(out(a, RELEASE, 5, 0xA, 0).status()).isEqualTo(GOOD);
    assertThat(bench.run(b, FakeCommand.of("00")).sense()).isEqualTo("6/2A/04");
    assertThat(out(a, RESERVE, 9, 0xA, 0).sense()).isEqualTo("5/24/00");
  }

  @Test
  void clearEndsAllAndTellsTheOthers() {
    register(a, 0xA);
    register(b, 0xB);
    out(a, RESERVE, 1, 0xA, 0);
    assertThat(out(b, CLEAR, 0, 0xB, 0).status()).isEqualTo(GOOD);
    assertThat(bench.run(a, FakeCommand.of("00")).sense()).isEqualTo("6/2A/03");
    assertThat(Bench.hex(readKeys())).isEqualTo("0000000300000000");
  }

  @Test
  void preemptTakesTheReservationOver() {
    register(a, 0xA);
    register(b, 0xB);
    out(a, RESERVE, 5, 0xA, 0);
    assertThat(out(b, PREEMPT, 1, 0xB, 0xA).status()).isEqualTo(GOOD);
    assertThat(bench.run(a, FakeCommand.of("00")).sense()).isEqualTo("6/2A/05");
    assertThat(write(a)).isEqualTo(RESERVATION_CONFLICT);
    assertThat(write(b)).isEqualTo(GOOD);
    assertThat(out(b, PREEMPT, 1, 0xB, 0xF).status()).isEqualTo(RESERVATION_CONFLICT);
  }

  @Test
  void preemptAndAbortAnswersWhenTheVictimsWritesHaveEndedAndLetsNoneThroughAfterwards() {
    register(a, 0xA);
    register(b, 0xB);
    out(a, RESERVE, 1, 0xA, 0);
    FakeCommand running = Bench.write10Command(0, Bench.pattern(1, 1));
    a.execute(running);
    FakeCommand preempt = outCommand(PREEMPT_AND_ABORT, 1, 0xB, 0xA);
    b.execute(preempt);
    bench.awaitAborting();
    assertThat(preempt.hasEnded()).isFalse();
    store.completeOne();
    assertThat(running.wasAborted()).isTrue();
    assertThat(preempt.status()).isEqualTo(GOOD);
    bench.clearAttentions(a);
    assertThat(write(a)).isEqualTo(RESERVATION_CONFLICT);
  }

  @Test
  void aReservationOutlivesItsNexus() {
    register(a, 0xA);
    out(a, RESERVE, 1, 0xA, 0);
    a.close(() -> {});
    assertThat(write(b)).isEqualTo(RESERVATION_CONFLICT);
    Nexus again = bench.connect("a");
    bench.clearAttentions(again);
    assertThat(write(again)).isEqualTo(GOOD);
  }

  @Test
  void reserveSixLocksOthersOutUntilReleaseOrLossOfTheNexus() {
    assertThat(bench.run(a, FakeCommand.of("16")).status()).isEqualTo(GOOD);
    assertThat(bench.run(b, FakeCommand.of("16")).status()).isEqualTo(RESERVATION_CONFLICT);
    assertThat(bench.run(b, FakeCommand.of("00")).status()).isEqualTo(RESERVATION_CONFLICT);
    assertThat(bench.run(b, FakeCommand.of("17")).status()).isEqualTo(GOOD);
    assertThat(bench.run(b, FakeCommand.of("00")).status()).isEqualTo(RESERVATION_CONFLICT);
    a.close(() -> {});
    assertThat(bench.run(b, FakeCommand.of("00")).status()).isEqualTo(GOOD);
  }

  @Test
  void aParameterListOfAnotherLengthIsRefused() {
    assertThat(bench.run("5F 00 00 00 00 00000017 00").sense()).isEqualTo("5/1A/00");
    byte[] list = new byte[28];
    list[15] = 1;
    assertThat(bench.run(FakeCommand.of("5F 00 00 00 00 0000001C 00").sends(list)).sense())
        .isEqualTo("5/1A/00");
    assertThat(bench.run("5F 08 00 00 00 00000018 00").sense()).isEqualTo("5/24/00");
  }
}
