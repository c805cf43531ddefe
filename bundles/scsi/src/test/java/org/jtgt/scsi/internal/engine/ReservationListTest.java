// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jtgt.scsi.ScsiStatus.GOOD;
import static org.jtgt.scsi.ScsiStatus.RESERVATION_CONFLICT;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jtgt.scsi.device.UnitMemory;
import org.junit.jupiter.api.Test;

/** The parameter lists of PERSISTENT RESERVE OUT (SPC-4 6.16.3, 6.16.4), and APTPL. */
class ReservationListTest {
  private static final int APTPL = 0x01;
  private static final int SPEC_I_PT = 0x08;

  /** A memory that outlives an engine, and can break. */
  private static final class Memory implements UnitMemory {
    final Map<String, byte[]> values = new ConcurrentHashMap<>();
    boolean broken;

    @Override
    public Optional<byte[]> load(String key) {
      return Optional.ofNullable(values.get(key));
    }

    @Override
    public void keep(String key, byte[] value) throws IOException {
      if (broken) {
        throw new IOException("No space left on device");
      }
      values.put(key, value);
    }

    @Override
    public void forget(String key) {
      values.remove(key);
    }
  }

  private final Memory memory = new Memory();

  private Bench bench() {
    Bench bench = new Bench(memory);
    bench.engine.addStore("store0", new MemoryStore(100 * 512));
    bench.clearAttentions(bench.nexus);
    return bench;
  }

  private static Nexus connect(Bench bench, String name) {
    Nexus nexus = bench.connect(name);
    bench.clearAttentions(nexus);
    return nexus;
  }

  private static FakeCommand out(int action, int type, byte[] list) {
    return FakeCommand.of("5F %02X %02X 00 00 %08X 00".formatted(action, type, list.length))
        .sends(list);
  }

  private static byte[] basic(long key, long actionKey, int flags) {
    return ByteBuffer.allocate(24).putLong(key).putLong(actionKey).put(20, (byte) flags).array();
  }

  private static byte[] transportId(String name) {
    return HexFormat.of()
        .parseHex(Bench.initiatorPort("iqn.2026-11.org.jtgt.test:" + name).transportId());
  }

  private static byte[] withInitiators(byte[] basic, byte[]... ids) {
    int bytes = 0;
    for (byte[] id : ids) {
      bytes += id.length;
    }
    ByteBuffer list = ByteBuffer.allocate(28 + bytes).put(basic).putInt(bytes);
    for (byte[] id : ids) {
      list.put(id);
    }
    return list.array();
  }

  private static byte[] move(long key, long actionKey, int flags, int port, byte[] id) {
    return ByteBuffer.allocate(24 + id.length)
        .putLong(key)
        .putLong(actionKey)
        .put((byte) 0)
        .put((byte) flags)
        .putShort((short) port)
        .putInt(id.length)
        .put(id)
        .array();
  }

  private static FakeCommand tur(Bench bench, Nexus by) {
    return bench.run(by, FakeCommand.of("28 00 00000000 00 0001 00").expectsIn(512));
  }

  @Test
  void specIPtRegistersInitiatorPortsThatHaveNotLoggedIn() {
    try (Bench bench = bench()) {
      byte[] list = withInitiators(basic(0, 0xAA, SPEC_I_PT), transportId("b"), transportId("c"));
      assertThat(bench.run(out(0, 0, list)).status()).isEqualTo(GOOD);
      assertThat(bench.run(out(1, 6, basic(0xAA, 0, 0))).status()).isEqualTo(GOOD);
      assertThat(tur(bench, connect(bench, "b")).status()).isEqualTo(GOOD);
      assertThat(tur(bench, connect(bench, "d")).status()).isEqualTo(RESERVATION_CONFLICT);
    }
  }

  @Test
  void specIPtIsRefusedForAnotherServiceActionARegisteredNexusAndADamagedList() {
    try (Bench bench = bench()) {
      byte[] list = withInitiators(basic(0, 0xAA, SPEC_I_PT), transportId("b"));
      assertThat(bench.run(out(6, 0, list)).sense()).isEqualTo("5/26/00");
      byte[] cut = java.util.Arrays.copyOf(list, list.length - 4);
      assertThat(bench.run(out(0, 0, cut)).sense()).isEqualTo("5/1A/00");
      byte[] deviceOnly = list.clone();
      deviceOnly[28] = 0x05;
      assertThat(bench.run(out(0, 0, deviceOnly)).sense()).isEqualTo("5/26/00");
      assertThat(bench.run(out(0, 0, basic(0, 0xAA, 0))).status()).isEqualTo(GOOD);
      byte[] again = withInitiators(basic(0xAA, 0xAB, SPEC_I_PT), transportId("b"));
      assertThat(bench.run(out(0, 0, again)).sense()).isEqualTo("5/26/00");
    }
  }

  /** SPC-4 7.6.4.6: the name of the iSCSI node, without a port. */
  private static byte[] deviceId(String name) {
    byte[] text = ("iqn.2026-11.org.jtgt.test:" + name).getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + 4) / 4 * 4;
    return ByteBuffer.allocate(4 + padded).putInt(0x0500_0000 | padded).put(text).array();
  }

  @Test
  void specIPtWithADeviceRegistersAllInitiatorPortsThatAreKnownOfIt() {
    try (Bench bench = bench()) {
      byte[] list = withInitiators(basic(0, 0xAA, SPEC_I_PT), deviceId("b"));
      // Nobody is known by that name, so nobody would be registered.
      assertThat(bench.run(out(0, 0, list)).sense()).isEqualTo("5/26/00");
      assertThat(bench.unit.reservations().state().keys()).isEmpty();
      Nexus b = connect(bench, "b");
      Nexus longer = connect(bench, "bb");
      assertThat(bench.run(out(0, 0, list)).status()).isEqualTo(GOOD);
      assertThat(bench.unit.reservations().state().keys())
          .containsOnlyKeys(bench.nexus.registrant(), b.registrant());
      assertThat(bench.run(out(1, 6, basic(0xAA, 0, 0))).status()).isEqualTo(GOOD);
      assertThat(tur(bench, b).status()).isEqualTo(GOOD);
      assertThat(tur(bench, longer).status()).isEqualTo(RESERVATION_CONFLICT);
    }
  }

  @Test
  void registerAndMoveTakesADeviceWithOneKnownPortForThatPort() {
    try (Bench bench = bench()) {
      int port = bench.nexus.relativePort();
      bench.run(out(0, 0, basic(0, 0xA, 0)));
      bench.run(out(1, 3, basic(0xA, 0, 0)));
      byte[] list = move(0xA, 0xB, 0, port, deviceId("b"));
      assertThat(bench.run(out(7, 0, list)).sense()).isEqualTo("5/26/00");
      Nexus b = connect(bench, "b");
      // The nexus that holds it is none to move it to (SPC-4 5.13.8).
      byte[] own = move(0xA, 0xB, 0, port, deviceId("a"));
      assertThat(bench.run(out(7, 0, own)).sense()).isEqualTo("5/26/00");
      assertThat(bench.run(out(7, 0, list)).status()).isEqualTo(GOOD);
      assertThat(bench.unit.reservations().state().holder()).isEqualTo(b.registrant());
    }
  }

  @Test
  void readFullStatusNamesEachNexusByItsTransportIdAndPort() {
    try (Bench bench = bench()) {
      byte[] list = withInitiators(basic(0, 0xAA, SPEC_I_PT), transportId("b"));
      bench.run(out(0, 0, list));
      bench.run(out(1, 7, basic(0xAA, 0, 0)));
      byte[] status = bench.runIn("5E 03 00 00 00 00 00 10 00 00", 4096).data();
      ByteBuffer in = ByteBuffer.wrap(status);
      assertThat(in.getInt(0)).isEqualTo(1);
      int at = 8;
      for (String name : new String[] {"a", "b"}) {
        byte[] id = transportId(name);
        assertThat(in.getLong(at)).isEqualTo(0xAA);
        assertThat(in.get(at + 12)).isEqualTo((byte) 0x01);
        assertThat(in.get(at + 13)).isEqualTo((byte) 0x07);
        assertThat(in.getShort(at + 18)).isEqualTo((short) bench.nexus.relativePort());
        assertThat(in.getInt(at + 20)).isEqualTo(id.length);
        assertThat(java.util.Arrays.copyOfRange(status, at + 24, at + 24 + id.length))
            .isEqualTo(id);
        at += 24 + id.length;
      }
      assertThat(status).hasSize(at);
    }
  }

  @Test
  void registerAndMoveHandsTheReservationToAnInitiatorThatComesLater() {
    try (Bench bench = bench()) {
      int port = bench.nexus.relativePort();
      bench.run(out(0, 0, basic(0, 0xA, 0)));
      bench.run(out(1, 3, basic(0xA, 0, 0)));
      assertThat(bench.run(out(7, 0, move(0xA, 0xB, 0x02, port, transportId("b")))).status())
          .isEqualTo(GOOD);
      assertThat(tur(bench, bench.nexus).status()).isEqualTo(RESERVATION_CONFLICT);
      assertThat(tur(bench, connect(bench, "b")).status()).isEqualTo(GOOD);
    }
  }

  @Test
  void registerAndMoveRefusesAWrongPortTheOwnNexusAndKeyZero() {
    try (Bench bench = bench()) {
      int port = bench.nexus.relativePort();
      byte[] b = transportId("b");
      bench.run(out(0, 0, basic(0, 0xA, 0)));
      assertThat(bench.run(out(7, 0, move(0xA, 0xB, 0, port, b))).status())
          .isEqualTo(RESERVATION_CONFLICT);
      bench.run(out(1, 3, basic(0xA, 0, 0)));
      assertThat(bench.run(out(7, 0, move(0xA, 0xB, 0, 999, b))).sense()).isEqualTo("5/26/00");
      assertThat(bench.run(out(7, 0, move(0xA, 0xB, 0, port, transportId("a")))).sense())
          .isEqualTo("5/26/00");
      assertThat(bench.run(out(7, 0, move(0xA, 0, 0, port, b))).sense()).isEqualTo("5/26/00");
      assertThat(bench.run(out(7, 0, move(0xB, 0xB, 0, port, b))).status())
          .isEqualTo(RESERVATION_CONFLICT);
    }
  }

  @Test
  void aptplKeepsRegistrationsAndReservationOverARestartAndCountsFromZero() {
    try (Bench bench = bench()) {
      bench.run(out(0, 0, basic(0, 0xA, APTPL)));
      bench.run(out(1, 1, basic(0xA, 0, 0)));
      assertThat(capabilities(bench)[3]).isEqualTo((byte) 0x81);
    }
    try (Bench bench = bench()) {
      assertThat(Bench.hex(bench.runIn("5E 00 00 00 00 00 00 01 00 00", 256).data()))
          .isEqualTo("0000000000000008" + "000000000000000A");
      Nexus other = connect(bench, "b");
      assertThat(bench.run(other, Bench.write10Command(0, new byte[512])).status())
          .isEqualTo(RESERVATION_CONFLICT);
      assertThat(bench.run(Bench.write10Command(0, new byte[512])).status()).isEqualTo(GOOD);
      // APTPL of the last registration counts.
      bench.run(out(6, 0, basic(0, 0xA, 0)));
      assertThat(memory.values).doesNotContainKey("reservations");
    }
  }

  private static byte[] capabilities(Bench bench) {
    return bench.runIn("5E 02 00 00 00 00 00 00 08 00", 8).data();
  }

  @Test
  void capabilitiesAreReported() {
    try (Bench bench = bench()) {
      assertThat(Bench.hex(capabilities(bench))).isEqualTo("00081D80EA010000");
    }
  }

  @Test
  void withoutAptplNothingIsKept() {
    try (Bench bench = bench()) {
      bench.run(out(0, 0, basic(0, 0xA, 0)));
      bench.run(out(1, 1, basic(0xA, 0, 0)));
    }
    assertThat(memory.values).doesNotContainKey("reservations");
  }

  @Test
  void whatCannotBeKeptIsNotGoodAndChangesNothing() {
    try (Bench bench = bench()) {
      bench.run(out(0, 0, basic(0, 0xA, APTPL)));
      memory.broken = true;
      assertThat(bench.run(out(1, 3, basic(0xA, 0, 0))).sense()).isEqualTo("4/44/00");
      assertThat(tur(bench, connect(bench, "b")).status()).isEqualTo(GOOD);
      memory.broken = false;
      assertThat(bench.run(out(1, 3, basic(0xA, 0, 0))).status()).isEqualTo(GOOD);
      assertThat(tur(bench, connect(bench, "c")).status()).isEqualTo(RESERVATION_CONFLICT);
    }
  }

  @Test
  void aUnitWhoseKeptReservationsAreDamagedDoesNotAppear() {
    memory.values.put("reservations", "nonsense".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(this::bench)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("disk0")
        .hasMessageContaining("delete it to give them up");
  }

  @Test
  void reserveOfSpcTwoFollowsCompatibleReservationHandling() {
    try (Bench bench = bench()) {
      Nexus other = connect(bench, "b");
      Nexus third = connect(bench, "c");
      bench.run(out(0, 0, basic(0, 0xA, 0)));
      // Registered, nothing reserved: SPC-2 refuses.
      assertThat(bench.run(FakeCommand.of("16")).status()).isEqualTo(RESERVATION_CONFLICT);
      bench.run(out(1, 5, basic(0xA, 0, 0)));
      assertThat(bench.run(FakeCommand.of("16")).status()).isEqualTo(GOOD);
      bench.run(other, out(0, 0, basic(0, 0xB, 0)));
      assertThat(bench.run(other, FakeCommand.of("16")).status()).isEqualTo(GOOD);
      assertThat(bench.run(other, FakeCommand.of("17")).status()).isEqualTo(GOOD);
      assertThat(bench.run(third, FakeCommand.of("16")).status()).isEqualTo(RESERVATION_CONFLICT);
      assertThat(bench.run(other, Bench.write10Command(0, new byte[512])).status()).isEqualTo(GOOD);
    }
  }

  @Test
  void whileReserveHoldsPersistentReservationsConflictWithTheHolderToo() {
    try (Bench bench = bench()) {
      bench.run(FakeCommand.of("16"));
      assertThat(bench.run(out(0, 0, basic(0, 0xA, 0))).status()).isEqualTo(RESERVATION_CONFLICT);
      assertThat(bench.runIn("5E 00 00 00 00 00 00 01 00 00", 256).status())
          .isEqualTo(RESERVATION_CONFLICT);
    }
  }

  @Test
  void startStopUnitConflictsOnlyWhenItDoesMoreThanStart() {
    try (Bench bench = bench()) {
      Nexus other = connect(bench, "b");
      bench.run(out(0, 0, basic(0, 0xA, 0)));
      bench.run(out(1, 1, basic(0xA, 0, 0)));
      assertThat(bench.run(other, FakeCommand.of("1B 00 00 00 01 00")).status()).isEqualTo(GOOD);
      assertThat(bench.run(other, FakeCommand.of("1B 00 00 00 00 00")).status())
          .isEqualTo(RESERVATION_CONFLICT);
      assertThat(bench.run(other, FakeCommand.of("1B 00 00 00 11 00")).status())
          .isEqualTo(RESERVATION_CONFLICT);
    }
  }
}
