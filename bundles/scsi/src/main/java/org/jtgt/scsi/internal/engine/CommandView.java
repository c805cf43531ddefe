// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** What a command reads of itself and keeps between its steps; the flow of steps is above it. */
abstract class CommandView extends OwnedTask implements Task {
  private static final byte[] NO_BYTES = {};

  private final ScsiCommand transport;
  private TaskAttribute attribute = TaskAttribute.SIMPLE;
  private int priority;
  private long tag;
  private @Nullable Path path;
  private @Nullable Command command;
  private long cdb0;
  private long cdb1;
  private long lba;
  private long blocks;
  private long progress;
  private @Nullable Object keepsake;
  private ByteBuffer[] dataIn = StoreCall.NO_BUFFERS;

  CommandView(ScsiCommand transport) {
    this.transport = transport;
  }

  /** Reads the command that the transport object now holds. */
  final void beginView(Path newPath) {
    ByteBuffer cdb = transport.cdb();
    boolean bigEndian = cdb.order() == ByteOrder.BIG_ENDIAN;
    cdb0 = bigEndian ? cdb.getLong(0) : Long.reverseBytes(cdb.getLong(0));
    cdb1 = bigEndian ? cdb.getLong(8) : Long.reverseBytes(cdb.getLong(8));
    attribute = transport.attribute();
    priority = attribute == TaskAttribute.SIMPLE ? transport.priority() : PrioritizedQueue.NONE;
    tag = transport.tag();
    path = newPath;
    command = null;
    lba = 0;
    blocks = 0;
    progress = 0;
    keepsake = null;
    dataIn = StoreCall.NO_BUFFERS;
  }

  /** Lets go of everything that is not the task's own. */
  final void endView() {
    Object kept = keepsake;
    path = null;
    keepsake = null;
    if (kept instanceof Ending ending) {
      ending.taskEnded();
    }
    dataIn = StoreCall.NO_BUFFERS;
  }

  // --- for the engine ---

  final ScsiCommand transport() {
    return transport;
  }

  final TaskAttribute attribute() {
    return attribute;
  }

  /** Its importance beside other commands; of SIMPLE ones only (SAM-5 8.7). */
  final int priority() {
    return priority;
  }

  final long tag() {
    return tag;
  }

  /** NACA of the CONTROL byte (SAM-5 5.2): the last byte of the CDB, the second of a long one. */
  final boolean naca() {
    int control =
        switch (cdb(0) >> 5) {
          case 0 -> 5;
          case 1, 2 -> 9;
          case 3 -> 1;
          case 4 -> 15;
          case 5 -> 11;
          default -> 0;
        };
    return control > 0 && (cdb(control) & 0x04) != 0;
  }

  final Path path() {
    Path now = path;
    if (now == null) {
      throw new IllegalStateException("the command has ended");
    }
    return now;
  }

  final LogicalUnit logicalUnit() {
    return path().unit();
  }

  final void command(Command row) {
    command = row;
  }

  /** The row, where it was found. */
  final @Nullable Command commandOrNull() {
    return command;
  }

  final long cdbWord0() {
    return cdb0;
  }

  final long cdbWord1() {
    return cdb1;
  }

  /** Bytes of the command's blocks that the initiator asked for. */
  final long transferredBytes() {
    return Math.min(
        blocks * logicalUnit().settings().blockBytes(),
        Math.max(transport.expectedDataInBytes(), transport.expectedDataOutBytes()));
  }

  // --- for the command ---

  @Override
  public final Command command() {
    return Objects.requireNonNull(command);
  }

  @Override
  public final boolean readOnlyNexus() {
    return path().nexus().view().readOnly();
  }

  @Override
  public final Unit unit() {
    return logicalUnit();
  }

  @Override
  public final ScsiPort initiatorPort() {
    return path().nexus().initiator();
  }

  @Override
  public final ScsiPort targetPort() {
    return path().nexus().target();
  }

  @Override
  public final int relativePort() {
    return path().nexus().relativePort();
  }

  @Override
  public final Reservations.Registrant registrant() {
    return path().nexus().registrant();
  }

  @Override
  public final int cdb(int index) {
    if (index < 8) {
      return (int) (cdb0 >>> 56 - 8 * index) & 0xFF;
    }
    if (index < 16) {
      return (int) (cdb1 >>> 56 - 8 * (index - 8)) & 0xFF;
    }
    return index < transport.cdbLength() ? transport.cdb().get(index) & 0xFF : 0;
  }

  @Override
  public final int cdbLength() {
    return transport.cdbLength();
  }

  @Override
  public final Map<Long, Unit> reachable() {
    return path().nexus().reachable();
  }

  @Override
  public final boolean deliver(Unit on, ScsiCommand other) {
    return path().nexus().deliver((LogicalUnit) on, other);
  }

  @Override
  public final int cdb16(int index) {
    return cdb(index) << 8 | cdb(index + 1);
  }

  @Override
  public final long cdb32(int index) {
    return (long) cdb16(index) << 16 | cdb16(index + 2);
  }

  @Override
  public final long cdb64(int index) {
    return cdb32(index) << 32 | cdb32(index + 4);
  }

  @Override
  public final int expectedDataIn() {
    return transport.expectedDataInBytes();
  }

  @Override
  public final int expectedDataOut() {
    return transport.expectedDataOutBytes();
  }

  @Override
  public final long lba() {
    return lba;
  }

  @Override
  public final long blocks() {
    return blocks;
  }

  @Override
  public final void range(long newLba, long newBlocks) {
    lba = newLba;
    blocks = newBlocks;
  }

  @Override
  public final long progress() {
    return progress;
  }

  @Override
  public final void progress(long value) {
    progress = value;
  }

  @Override
  public final @Nullable Object keepsake() {
    return keepsake;
  }

  @Override
  public final <T> T keepsake(Class<T> type) {
    return type.cast(Objects.requireNonNull(keepsake));
  }

  @Override
  public final void keepsake(Object value) {
    keepsake = value;
  }

  @Override
  public final ByteBuffer[] dataOut() {
    return transport.dataOut();
  }

  @Override
  public final int dataOutBuffers() {
    return transport.dataOutBuffers();
  }

  @Override
  public final byte[] parameterList() {
    int bytes = 0;
    for (int i = 0; i < dataOutBuffers(); i++) {
      bytes += dataOut()[i].remaining();
    }
    byte[] list = bytes == 0 ? NO_BYTES : new byte[bytes];
    int at = 0;
    for (int i = 0; i < dataOutBuffers(); i++) {
      ByteBuffer part = dataOut()[i];
      part.get(part.position(), list, at, part.remaining());
      at += part.remaining();
    }
    return list;
  }

  @Override
  public final ByteBuffer[] allocateDataIn(int bytes) {
    dataIn = transport.allocateDataIn(bytes);
    return dataIn;
  }

  @Override
  public final ByteBuffer[] dataIn() {
    return dataIn;
  }
}
