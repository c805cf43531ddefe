// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A command of a {@link RecoveringSession} that is under way, and what has come of its answer. */
final class RecoveringTask {
  final ScsiCommand command;

  /** Its place among the commands that run at once. */
  final int place;

  final int itt;
  final int cmdSn;

  /** The connection that it is allegiant to; empty while it has lost its own. */
  Optional<RecoveringLink> link = Optional.empty();

  /** The status, when it came before all data. */
  Optional<Response.Status> status = Optional.empty();

  boolean reassigned;
  private final byte[] dataIn;
  private final BitSet seen = new BitSet();
  private final Set<Integer> r2ts = new HashSet<>();
  private Optional<Response.DataIn> acknowledge = Optional.empty();
  private long dataInBytes;
  private long touched;

  RecoveringTask(ScsiCommand command, int place, int itt, int cmdSn) {
    this.command = command;
    this.place = place;
    this.itt = itt;
    this.cmdSn = cmdSn;
    this.dataIn = new byte[command.dataInBytes()];
    touch();
  }

  /** Something was sent or has come. */
  void touch() {
    touched = System.nanoTime();
  }

  boolean silentFor(long nanos) {
    return System.nanoTime() - touched > nanos;
  }

  boolean allegiantTo(RecoveringLink other) {
    return link.filter(own -> own == other).isPresent();
  }

  boolean reads() {
    return command.dataInBytes() > 0 && command.dataOut().length == 0;
  }

  /** Takes data, once. */
  void take(Response.DataIn in) {
    touch();
    if (!seen.get(in.dataSn())) {
      seen.set(in.dataSn());
      byte[] data = in.pdu().data();
      System.arraycopy(data, 0, dataIn, (int) in.offset(), data.length);
      dataInBytes = Math.max(dataInBytes, in.offset() + data.length);
    }
    if (in.pdu().is(Field.ACKNOWLEDGE)) {
      acknowledge = Optional.of(in);
    }
  }

  /** The first DataSN that has not come. */
  int firstMissing() {
    return seen.nextClearBit(0);
  }

  /** Notes an R2T; false when it has come before. */
  boolean takeR2t(int r2tSn) {
    touch();
    return r2ts.add(r2tSn);
  }

  /** The first R2TSN that has not come. */
  int nextR2tSn() {
    int next = 0;
    while (r2ts.contains(next)) {
      next++;
    }
    return next;
  }

  /** The Data-In that asks for an acknowledgement which can be given now; it is given once. */
  Optional<Response.DataIn> acknowledgeable() {
    Optional<Response.DataIn> due = acknowledge.filter(in -> in.dataSn() < firstMissing());
    if (due.isPresent()) {
      acknowledge = Optional.empty();
    }
    return due;
  }

  boolean complete(Response.Status with) {
    return !reads() || firstMissing() >= with.expDataSn();
  }

  /** Takes runs of missing DataSNs. */
  interface Runs {
    void take(int from, int length) throws IOException;
  }

  /** Gives the runs of DataSNs below an end that have not come. */
  void missing(int end, Runs runs) throws IOException {
    int from = firstMissing();
    while (from < end) {
      int to = seen.nextSetBit(from);
      int run = (to < 0 ? end : Math.min(to, end)) - from;
      runs.take(from, run);
      from = seen.nextClearBit(from + run);
    }
  }

  /** Forgets what came after the first gap: a new connection sends it again (RFC 7143 11.5.6). */
  void forgetUnacknowledged() {
    int contiguous = firstMissing();
    seen.clear(contiguous, Math.max(contiguous, seen.length()));
    int contiguousR2ts = nextR2tSn();
    r2ts.removeIf(sn -> sn >= contiguousR2ts);
    status = Optional.empty();
    acknowledge = Optional.empty();
  }

  ScsiResult result(Response.Status with) {
    byte[] sense = with.senseBytes();
    return new ScsiResult(
        with.response(),
        with.status(),
        sense.length > 0 ? Optional.of(Sense.decode(sense)) : Optional.empty(),
        Arrays.copyOf(dataIn, (int) dataInBytes),
        with.pdu().get(Field.RESIDUAL_COUNT),
        with.pdu().is(Field.OVERFLOW),
        with.pdu().is(Field.UNDERFLOW),
        List.of());
  }
}
