// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.jtgt.scsi.internal.spc.PrimaryCommands;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A command's way through the engine, from the nexus to the answer, on a store that does nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DispatchBenchmark {
  private static final int TRANSFER_BYTES = 4096;

  /** Operation codes: TEST UNIT READY, READ(10), WRITE(10). */
  @Param({"0x00", "0x28", "0x2a"})
  public String opcode;

  private final SystemClock clock = new SystemClock();
  private Engine engine;
  private Nexus nexus;
  private ReusedCommand command;

  /** Connects a nexus to a target with one disk. */
  @Setup(Level.Trial)
  public void connect() {
    engine =
        new Engine(
            clock,
            made -> PrimaryCommands.unmapped(),
            made -> PrimaryCommands.wellKnown(),
            64 << 20,
            4);
    Unit.Identity identity =
        new Unit.Identity("JTGT", "DISK", "0001", "SERIAL01", 0x3000000000000001L);
    engine.createUnit(
        new LuSettings(
            "disk0", "", "store0", 512, false, true, true, Duration.ofSeconds(20), identity),
        made -> new BlockDevice(made, BlockDevice.Options.NONE),
        UnitMemory.ofProcess());
    engine.addStore("store0", new NothingStore());
    String name = "iqn.2026-11.org.jtgt:t";
    TargetDevice target =
        engine.createTarget(
            "",
            new TargetDevice.TargetSettings(
                "t", name, "", Set.of(), new TreeMap<>(Map.of(0, "disk0"))));
    nexus =
        target.connect(
            new ScsiPort("iqn.i", "iqn.i,i,0x000000000001", 5, ""),
            new ScsiPort(name, name + ",t,0x0001", 5, ""),
            () -> {});
    command = new ReusedCommand((byte) (int) Integer.decode(opcode));
    // Until the unit attentions of the new nexus have been told.
    for (int i = 0; i < 8 && execute() != ScsiStatus.GOOD; i++) {}
    if (execute() != ScsiStatus.GOOD) {
      throw new IllegalStateException("the command ends with " + command.status);
    }
  }

  /** Ends the engine. */
  @TearDown(Level.Trial)
  public void close() {
    engine.close();
    clock.close();
  }

  /** One command, to its answer. */
  @Benchmark
  public ScsiStatus execute() {
    nexus.execute(command);
    return command.status;
  }

  /** A transport's command object, used again and again as the transport's are. */
  private static final class ReusedCommand implements ScsiCommand {
    private final ByteBuffer cdb = ByteBuffer.allocate(16);
    private final ByteBuffer[] buffers = {ByteBuffer.allocateDirect(TRANSFER_BYTES)};
    private final boolean writes;
    private final boolean reads;
    private @Nullable Object attachment;
    private ScsiStatus status = ScsiStatus.BUSY;

    ReusedCommand(byte opcode) {
      cdb.put(0, opcode);
      reads = opcode == 0x28;
      writes = opcode == 0x2a;
      if (reads || writes) {
        cdb.putShort(7, (short) (TRANSFER_BYTES / 512));
      }
    }

    @Override
    public long tag() {
      return 1;
    }

    @Override
    public long lun() {
      return 0;
    }

    @Override
    public TaskAttribute attribute() {
      return TaskAttribute.SIMPLE;
    }

    @Override
    public ByteBuffer cdb() {
      return cdb;
    }

    @Override
    public int cdbLength() {
      return 16;
    }

    @Override
    public int expectedDataOutBytes() {
      return writes ? TRANSFER_BYTES : 0;
    }

    @Override
    public int expectedDataInBytes() {
      return reads ? TRANSFER_BYTES : 0;
    }

    @Override
    public void receiveDataOut(int bytes, DataOutReady ready) {
      ready.dataOutReady();
    }

    @Override
    public ByteBuffer[] dataOut() {
      return buffers;
    }

    @Override
    public int dataOutBuffers() {
      return 1;
    }

    @Override
    public ByteBuffer[] allocateDataIn(int bytes) {
      return buffers;
    }

    @Override
    public void complete(
        ScsiStatus answer, byte @Nullable [] sense, int requiredDataIn, int requiredDataOut) {
      status = answer;
    }

    @Override
    public void aborted() {
      throw new IllegalStateException("aborted");
    }

    @Override
    public @Nullable Object attachment() {
      return attachment;
    }

    @Override
    public void attach(Object engineState) {
      attachment = engineState;
    }
  }

  private static final class NothingStore implements Backstore {
    @Override
    public String identity() {
      return "nothing";
    }

    @Override
    public long sizeBytes() {
      return 1 << 20;
    }

    @Override
    public Completion completion() {
      return Completion.INLINE;
    }

    @Override
    public void submit(StoreIo io) {
      io.complete();
    }
  }
}
