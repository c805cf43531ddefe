// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.jtgt.scsi.internal.spc.PrimaryCommands;

/** An engine with one logical unit "disk0" on store "store0", mapped as LUN 0 of one target. */
final class Bench implements AutoCloseable {
  static final long NAA = 0x3123_4567_89AB_CDEFL;
  static final long OTHER_NAA = 0x3999_9999_9999_9999L;
  private static final long BUDGET_BYTES = 64 << 20;
  static final ScsiPort TARGET_PORT =
      new ScsiPort("iqn.2026-11.org.jtgt:t", "iqn.2026-11.org.jtgt:t,t,0x0001", 5, "");

  final FakeClock clock = new FakeClock();
  final Engine engine;
  final LogicalUnit unit;
  final TargetDevice target;
  final Nexus nexus;

  Bench() {
    this(settings());
  }

  Bench(LuSettings settings) {
    this(settings, BUDGET_BYTES);
  }

  Bench(LuSettings settings, long budgetBytes) {
    this(
        settings,
        budgetBytes,
        BlockDevice.Options.NONE,
        UnitMemory.ofProcess(),
        UnitMemory.ofProcess());
  }

  /** With what engine and unit keep over restarts. */
  Bench(UnitMemory memory) {
    this(settings(), BUDGET_BYTES, BlockDevice.Options.NONE, memory, memory);
  }

  /** With options of the disk, and what it keeps over restarts. */
  Bench(BlockDevice.Options options, UnitMemory memory) {
    this(settings(), BUDGET_BYTES, options, UnitMemory.ofProcess(), memory);
  }

  private Bench(
      LuSettings settings,
      long budgetBytes,
      BlockDevice.Options options,
      UnitMemory ofEngine,
      UnitMemory ofUnit) {
    engine =
        new Engine(
            clock,
            made -> PrimaryCommands.unmapped(),
            made -> PrimaryCommands.wellKnown(),
            budgetBytes,
            4,
            ofEngine,
            "");
    unit = engine.createUnit(settings, made -> new BlockDevice(made, options), ofUnit);
    target = engine.createTarget("", targetSettings(Map.of(0, settings.name())));
    nexus = connect("a");
  }

  LogicalUnit createUnit(LuSettings settings) {
    return createUnit(settings, UnitMemory.ofProcess());
  }

  LogicalUnit createUnit(LuSettings settings, UnitMemory memory) {
    return engine.createUnit(
        settings, made -> new BlockDevice(made, BlockDevice.Options.NONE), memory);
  }

  static TargetDevice.TargetSettings targetSettings(Map<Integer, String> luns) {
    return new TargetDevice.TargetSettings(
        "t", TARGET_PORT.deviceName(), "", Set.of(), new TreeMap<>(luns));
  }

  static LuSettings settings() {
    return settings("disk0", "store0");
  }

  static LuSettings settings(String name, String store) {
    return settings(name, store, new Unit.Identity("JTGT", "DISK", "0001", "SERIAL01", NAA));
  }

  private static LuSettings settings(String name, String store, Unit.Identity identity) {
    return new LuSettings(
        name, "", store, 512, false, true, true, Duration.ofSeconds(20), identity);
  }

  /** The same unit that holds commands for so long, and answers them at a deadline. */
  static LuSettings settings(Duration hold, Duration deadline) {
    LuSettings plain = settings();
    return new LuSettings(
        plain.name(),
        plain.pid(),
        plain.store(),
        plain.blockBytes(),
        plain.readOnly(),
        plain.writeCache(),
        plain.thinProvisioning(),
        hold,
        plain.identity(),
        Outage.HOLD,
        deadline);
  }

  /** Lets the target show this unit and another, which is {@link #OTHER_NAA}, with a store each. */
  void serveTwo(MemoryStore first, MemoryStore second) {
    engine.addStore("store0", first);
    createUnit(
        settings(
            "disk1", "store1", new Unit.Identity("JTGT", "DISK", "0001", "SERIAL02", OTHER_NAA)));
    second.identity = "memory-2";
    engine.addStore("store1", second);
    target.change(targetSettings(Map.of(0, "disk0", 1, "disk1")));
    clearAttentions(nexus);
  }

  /** With a memory store attached, and the unit attention of the new nexus taken. */
  static Bench withMemory(int blocks) {
    Bench bench = new Bench();
    bench.engine.addStore("store0", new MemoryStore(blocks * 512));
    bench.clearAttentions(bench.nexus);
    return bench;
  }

  Nexus connect(String initiator) {
    String name = "iqn.2026-11.org.jtgt.test:" + initiator;
    return target.connect(initiatorPort(name), TARGET_PORT, () -> {});
  }

  /** An initiator port with its TransportID (SPC-4 7.6.4.6). */
  static ScsiPort initiatorPort(String name) {
    String port = name + ",i,0x000000000001";
    byte[] id =
        java.util.Arrays.copyOf(
            port.getBytes(java.nio.charset.StandardCharsets.UTF_8), (port.length() + 4) / 4 * 4);
    String header = "4500%04x".formatted(id.length);
    return new ScsiPort(name, port, 5, header + HexFormat.of().formatHex(id));
  }

  /** Waits until an abort has marked a command of the unit that still has an owner. */
  void awaitAborting() {
    while (!unit.tasks().contains(EngineTask::isAborted)) {
      Thread.onSpinWait();
    }
  }

  void clearAttentions(Nexus of) {
    of.paths()
        .forEach(path -> {
          while (path.takeAttention() != null) {}
        });
  }

  FakeCommand run(FakeCommand command) {
    return run(nexus, command);
  }

  FakeCommand run(Nexus by, FakeCommand command) {
    by.execute(command);
    return command.await();
  }

  /** A command without data. */
  FakeCommand run(String cdb) {
    return run(FakeCommand.of(cdb));
  }

  /** A command that reads. */
  FakeCommand runIn(String cdb, int bytes) {
    return run(FakeCommand.of(cdb).expectsIn(bytes));
  }

  FakeCommand read10(long lba, int blocks) {
    return run(read10Command(lba, blocks));
  }

  static FakeCommand read10Command(long lba, int blocks) {
    return FakeCommand.of("28 00 %08X 00 %04X 00".formatted(lba, blocks)).expectsIn(blocks * 512);
  }

  FakeCommand write10(long lba, byte[] data) {
    return run(write10Command(lba, data));
  }

  static FakeCommand write10Command(long lba, byte[] data) {
    return FakeCommand.of("2A 00 %08X 00 %04X 00".formatted(lba, data.length / 512)).sends(data);
  }

  static byte[] pattern(int blocks, int seed) {
    byte[] data = new byte[blocks * 512];
    new java.util.Random(seed).nextBytes(data);
    return data;
  }

  static String hex(byte[] data) {
    return HexFormat.of().withUpperCase().formatHex(data);
  }

  @Override
  public void close() {
    engine.close();
  }

  /** A clock that a test moves. */
  static final class FakeClock implements EngineClock {
    private long now;
    private final List<Alarm> alarms = new ArrayList<>();

    private record Alarm(long at, Runnable action) {}

    @Override
    public synchronized long nanoTime() {
      return now;
    }

    @Override
    public synchronized void after(Duration delay, Runnable action) {
      alarms.add(new Alarm(now + delay.toNanos(), action));
    }

    /** Number of actions that are set for a later time. */
    synchronized int alarms() {
      return alarms.size();
    }

    void advance(Duration by) {
      List<Alarm> due;
      synchronized (this) {
        now += by.toNanos();
        due = alarms.stream().filter(alarm -> alarm.at <= now).toList();
        alarms.removeAll(due);
      }
      due.forEach(alarm -> alarm.action.run());
    }
  }
}
