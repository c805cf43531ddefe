// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.TransportCondition;

/** A command as a transport would deliver it, that keeps what the engine answers. */
final class FakeCommand implements ScsiCommand {
  private ByteBuffer cdb = ByteBuffer.allocate(16);
  private TaskAttribute attribute = TaskAttribute.SIMPLE;
  private int priority;
  private long tag;
  private long lun;
  private byte[] dataOut = {};
  private int expectedOut = -1;
  private int expectedIn;
  private boolean dataComesLater;
  private @Nullable DataOutReady waitingForData;
  private ByteBuffer[] out = {};
  private ByteBuffer[] in = {};
  private @Nullable Object attachment;
  private int bufferBytes = Integer.MAX_VALUE;

  private boolean sendsLater;
  private @Nullable Reservation unsent;
  private int unsentBytes;

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable ScsiStatus status;
  private volatile byte @Nullable [] sense;
  private volatile boolean aborted;
  private boolean answersEarly = true;
  private volatile boolean answeredEarly;
  private volatile boolean givenBack;
  private int requiredIn;
  private int requiredOut;
  private volatile boolean askedForData;

  static FakeCommand of(String hexCdb) {
    FakeCommand command = new FakeCommand();
    byte[] bytes = HexFormat.of().parseHex(hexCdb.replace(" ", ""));
    command.cdb = ByteBuffer.allocate(Math.max(16, bytes.length)).put(0, bytes);
    return command;
  }

  FakeCommand expectsIn(int bytes) {
    expectedIn = bytes;
    return this;
  }

  FakeCommand sends(byte[] data) {
    dataOut = data.clone();
    return this;
  }

  FakeCommand expectsOut(int bytes) {
    expectedOut = bytes;
    return this;
  }

  FakeCommand attribute(TaskAttribute value) {
    attribute = value;
    return this;
  }

  FakeCommand priority(int value) {
    priority = value;
    return this;
  }

  FakeCommand tag(long value) {
    tag = value;
    return this;
  }

  FakeCommand lun(long value) {
    lun = value;
    return this;
  }

  /** Splits buffers, so that nothing relies on one. */
  FakeCommand inBuffersOf(int bytes) {
    bufferBytes = bytes;
    return this;
  }

  /** Its Data-In takes a while to be sent, until {@link #isSent}. */
  FakeCommand sentLater() {
    sendsLater = true;
    return this;
  }

  FakeCommand withDataLater() {
    dataComesLater = true;
    return this;
  }

  // --- what a test does as the transport ---

  void dataArrives() {
    DataOutReady ready = waitingForData;
    if (ready == null) {
      throw new AssertionError("the engine has not asked for data");
    }
    ready.dataOutReady();
  }

  void dataFails(TransportCondition condition) {
    DataOutReady ready = waitingForData;
    if (ready == null) {
      throw new AssertionError("the engine has not asked for data");
    }
    ready.dataOutFailed(condition);
  }

  /** The Data-In has gone out. */
  void isSent() {
    Reservation reservation = unsent;
    if (reservation == null) {
      throw new AssertionError("the engine has offered no bytes");
    }
    unsent = null;
    reservation.giveBack(unsentBytes);
  }

  boolean askedForData() {
    return askedForData;
  }

  // --- what a test looks at ---

  FakeCommand await() {
    try {
      if (!ended.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("the command did not end");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /** Whether the engine has let go of a command that it had answered early. */
  boolean wasGivenBack() {
    return givenBack;
  }

  FakeCommand cannotBeAnsweredEarly() {
    answersEarly = false;
    return this;
  }

  boolean wasAborted() {
    return aborted;
  }

  ScsiStatus status() {
    await();
    if (status == null) {
      throw new AssertionError("the command was aborted");
    }
    return status;
  }

  /** Key, ASC and ASCQ as "5/20/00"; "none" without sense data. */
  String sense() {
    byte[] data = sense;
    if (status() != ScsiStatus.CHECK_CONDITION || data == null) {
      return "none (" + status + ")";
    }
    return data[0] == 0x72
        ? "%X/%02X/%02X".formatted(data[1] & 0x0F, data[2], data[3])
        : "%X/%02X/%02X".formatted(data[2] & 0x0F, data[12], data[13]);
  }

  byte[] senseData() {
    status();
    return sense == null ? new byte[0] : sense;
  }

  int requiredIn() {
    return requiredIn;
  }

  int requiredOut() {
    return requiredOut;
  }

  /** What the initiator receives. */
  byte[] data() {
    status();
    byte[] all = new byte[Math.min(requiredIn, expectedIn)];
    int at = 0;
    for (ByteBuffer part : in) {
      int bytes = Math.min(part.remaining(), all.length - at);
      part.get(part.position(), all, at, bytes);
      at += bytes;
    }
    if (at < all.length) {
      throw new AssertionError("%d bytes promised, %d given".formatted(all.length, at));
    }
    return all;
  }

  // --- ScsiCommand ---

  @Override
  public long tag() {
    return tag;
  }

  @Override
  public long lun() {
    return lun;
  }

  @Override
  public TaskAttribute attribute() {
    return attribute;
  }

  @Override
  public int priority() {
    return priority;
  }

  @Override
  public ByteBuffer cdb() {
    return cdb;
  }

  @Override
  public int cdbLength() {
    return cdb.capacity();
  }

  @Override
  public int expectedDataOutBytes() {
    return expectedOut >= 0 ? expectedOut : dataOut.length;
  }

  @Override
  public int expectedDataInBytes() {
    return expectedIn;
  }

  @Override
  public void receiveDataOut(int bytes, DataOutReady ready) {
    alive();
    if (bytes < 1 || bytes > expectedDataOutBytes() || askedForData) {
      throw new AssertionError("asked for " + bytes + " of " + expectedDataOutBytes());
    }
    out = split(ByteBuffer.wrap(Arrays.copyOf(dataOut, bytes)), bytes);
    askedForData = true;
    waitingForData = ready;
    if (!dataComesLater) {
      ready.dataOutReady();
    }
  }

  private ByteBuffer[] split(ByteBuffer all, int bytes) {
    int each = Math.min(bufferBytes, bytes);
    ByteBuffer[] parts = new ByteBuffer[(bytes + each - 1) / each];
    for (int i = 0; i < parts.length; i++) {
      int from = i * each;
      parts[i] = all.slice(from, Math.min(each, bytes - from));
    }
    return parts;
  }

  @Override
  public ByteBuffer[] dataOut() {
    return out;
  }

  @Override
  public int dataOutBuffers() {
    return out.length;
  }

  @Override
  public ByteBuffer[] allocateDataIn(int bytes) {
    alive();
    if (in.length > 0 || bytes < 1) {
      throw new AssertionError("Data-In buffers of " + bytes + " bytes");
    }
    byte[] garbage = new byte[bytes];
    Arrays.fill(garbage, (byte) 0xDB);
    in = split(ByteBuffer.wrap(garbage), bytes);
    return in;
  }

  @Override
  public boolean takeReservation(Reservation reservation, int bytes) {
    alive();
    if (unsent != null || bytes < 1) {
      throw new AssertionError("offered " + bytes + " bytes");
    }
    if (sendsLater) {
      unsent = reservation;
      unsentBytes = bytes;
    }
    return sendsLater;
  }

  @Override
  public void complete(
      ScsiStatus newStatus, byte @Nullable [] newSense, int requiredDataIn, int requiredDataOut) {
    alive();
    sense = newSense;
    requiredIn = requiredDataIn;
    requiredOut = requiredDataOut;
    status = newStatus;
    ended.countDown();
  }

  @Override
  public boolean answerEarly(byte[] newSense) {
    alive();
    if (!answersEarly) {
      return false;
    }
    complete(ScsiStatus.CHECK_CONDITION, newSense, 0, 0);
    answeredEarly = true;
    return true;
  }

  @Override
  public void aborted() {
    if (answeredEarly && !givenBack) {
      givenBack = true;
      return;
    }
    alive();
    aborted = true;
    ended.countDown();
  }

  private void alive() {
    if (hasEnded()) {
      throw new AssertionError("the command has ended already");
    }
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
