// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;

/** A command that reads, as a transport would deliver it. */
final class Call implements ScsiCommand {
  private final ByteBuffer cdb = ByteBuffer.allocate(16);
  private final int expected;
  private final CountDownLatch ended = new CountDownLatch(1);
  private ByteBuffer[] in = {};
  private int required;
  private @Nullable ScsiStatus status;
  private byte @Nullable [] sense;
  private @Nullable Object attachment;

  private Call(String hex, int expected) {
    cdb.put(0, HexFormat.of().parseHex(hex.replace(" ", "")));
    this.expected = expected;
  }

  static Call run(Nexus nexus, String cdb, int expected) {
    Call call = new Call(cdb, expected);
    nexus.execute(call);
    try {
      call.ended.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return call;
  }

  /** "GOOD", or key, ASC and ASCQ as "5/20/00". */
  String outcome() {
    byte[] data = sense;
    return data == null
        ? String.valueOf(status)
        : "%X/%02X/%02X".formatted(data[2] & 0x0F, data[12], data[13]);
  }

  byte[] data() {
    if (status != ScsiStatus.GOOD) {
      throw new AssertionError(outcome());
    }
    byte[] all = new byte[Math.min(required, expected)];
    if (all.length > 0) {
      in[0].get(0, all);
    }
    return all;
  }

  String hex() {
    return HexFormat.of().withUpperCase().formatHex(data());
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
    return 0;
  }

  @Override
  public int expectedDataInBytes() {
    return expected;
  }

  @Override
  public void receiveDataOut(int bytes, DataOutReady ready) {
    throw new AssertionError("there is no data");
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
    byte[] garbage = new byte[bytes];
    Arrays.fill(garbage, (byte) 0xDB);
    in = new ByteBuffer[] {ByteBuffer.wrap(garbage)};
    return in;
  }

  @Override
  public void complete(
      ScsiStatus newStatus, byte @Nullable [] newSense, int requiredDataIn, int requiredDataOut) {
    status = newStatus;
    sense = newSense;
    required = requiredDataIn;
    ended.countDown();
  }

  @Override
  public void aborted() {
    ended.countDown();
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
