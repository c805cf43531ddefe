// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Unit.BackgroundEnd;

/** What stands in the transport's place for steps that no initiator asked for. */
final class InternalCommand implements ScsiCommand {
  private static final byte[] NO_CDB = new byte[16];

  private final BackgroundEnd ended;
  private @Nullable Object attachment;

  private final Runnable aborted;

  InternalCommand(BackgroundEnd ended, Runnable aborted) {
    this.ended = ended;
    this.aborted = aborted;
  }

  @Override
  public long tag() {
    return -1;
  }

  @Override
  public long lun() {
    return 0;
  }

  @Override
  public TaskAttribute attribute() {
    return TaskAttribute.HEAD_OF_QUEUE;
  }

  @Override
  public ByteBuffer cdb() {
    return ByteBuffer.wrap(NO_CDB);
  }

  @Override
  public int cdbLength() {
    return NO_CDB.length;
  }

  @Override
  public int expectedDataOutBytes() {
    return 0;
  }

  @Override
  public int expectedDataInBytes() {
    return 0;
  }

  @Override
  public void receiveDataOut(int bytes, DataOutReady ready) {
    throw new IllegalStateException("nobody sends data");
  }

  @Override
  public ByteBuffer[] dataOut() {
    return new ByteBuffer[0];
  }

  @Override
  public int dataOutBuffers() {
    return 0;
  }

  @Override
  public ByteBuffer[] allocateDataIn(int bytes) {
    return new ByteBuffer[] {ByteBuffer.allocateDirect(bytes)};
  }

  @Override
  public void complete(
      ScsiStatus status, byte @Nullable [] sense, int requiredDataIn, int requiredDataOut) {
    ended.ended(
        status == ScsiStatus.GOOD || sense != null
            ? sense
            : Sense.INTERNAL_TARGET_FAILURE.encode(false));
  }

  @Override
  public void aborted() {
    aborted.run();
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
