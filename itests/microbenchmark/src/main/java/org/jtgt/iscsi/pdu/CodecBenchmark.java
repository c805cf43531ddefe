// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.pdu;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Cuts what one read of a socket brought into SCSI Command PDUs; one operation is one PDU. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class CodecBenchmark implements PduFramer.Sink {
  private static final int PDUS = 15;

  /** Immediate data of each command. */
  @Param({"0", "4096"})
  public int dataBytes;

  /** Whether header and data carry a CRC32C (RFC 7143 13.1). */
  @Param({"false", "true"})
  public boolean digests;

  private PduFramer framer;
  private ByteBuf received;
  private long seen;

  /** Makes the bytes of fifteen commands. */
  @Setup(Level.Trial)
  public void prepare() {
    framer = new PduFramer(PooledByteBufAllocator.DEFAULT, this, 1 << 18);
    framer.configure(digests, digests, 1 << 18);
    Digest digest = new Digest();
    received = PooledByteBufAllocator.DEFAULT.directBuffer(1 << 16);
    for (int i = 0; i < PDUS; i++) {
      int at = received.writerIndex();
      received.writeZero(Bhs.BYTES);
      received.setByte(at, Opcode.SCSI_COMMAND).setByte(at + 1, 0xa1).setMedium(at + 5, dataBytes);
      received.setInt(at + 16, i);
      if (digests) {
        received.writeIntLE(digest.of(received, at, Bhs.BYTES));
      }
      int data = received.writerIndex();
      received.writeZero(dataBytes);
      if (digests && dataBytes > 0) {
        received.writeIntLE(digest.of(received, data, dataBytes));
      }
    }
  }

  /** Releases them. */
  @TearDown(Level.Trial)
  public void release() {
    received.release();
  }

  /** Frames them; the framer releases what it is given. */
  @Benchmark
  @OperationsPerInvocation(PDUS)
  public long frame() {
    framer.receive(received.retainedDuplicate());
    return seen;
  }

  @Override
  public void pdu(Bhs header, ByteBuf data) {
    seen += header.initiatorTaskTag();
    data.release();
  }

  @Override
  public void dataDigestError(Bhs header) {
    throw new IllegalStateException("data digest");
  }

  @Override
  public void framingError(String reason) {
    throw new IllegalStateException(reason);
  }
}
