// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;

/** A host with one I_T nexus to a disk: what cluster software on it would do. */
final class Host implements AutoCloseable {
  static final int REGISTER = 0;
  static final int RESERVE = 1;
  static final int RELEASE = 2;
  static final int CLEAR = 3;
  static final int PREEMPT = 4;
  static final int PREEMPT_AND_ABORT = 5;
  static final int REGISTER_AND_IGNORE = 6;
  static final int REGISTER_AND_MOVE = 7;

  static final int WRITE_EXCLUSIVE = 1;
  static final int EXCLUSIVE_ACCESS = 3;
  static final int WRITE_EXCLUSIVE_RO = 5;
  static final int EXCLUSIVE_ACCESS_RO = 6;
  static final int WRITE_EXCLUSIVE_AR = 7;
  static final int EXCLUSIVE_ACCESS_AR = 8;

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final String PREFIX =
      "iqn.2026-11.org.jtgt.itests:" + Long.toHexString(ProcessHandle.current().pid()) + "-scsi-";

  private final Session session;
  private final LogicalUnit disk;

  private Host(Session session, int lun) {
    this.session = session;
    this.disk = session.logicalUnit(lun);
  }

  /** A new host at the first target port, its unit attentions cleared. */
  static Host of(Daemon daemon, int lun) throws IOException {
    return of(daemon, lun, Daemon.FIRST, freshName(), UnaryOperator.identity());
  }

  static Host of(
      Daemon daemon, int lun, String target, String name, UnaryOperator<LoginOptions> options)
      throws IOException {
    Session session =
        Session.login(daemon.portal(), options.apply(LoginOptions.normal(name, target)));
    Host host = new Host(session, lun);
    host.disk.clearUnitAttentions();
    return host;
  }

  static String freshName() {
    return PREFIX + COUNTER.incrementAndGet();
  }

  Session session() {
    return session;
  }

  LogicalUnit disk() {
    return disk;
  }

  ScsiResult none(String cdb) throws IOException {
    return disk.none(hex(cdb));
  }

  ScsiResult in(String cdb, int bytes) throws IOException {
    return disk.in(hex(cdb), bytes);
  }

  ScsiResult out(String cdb, byte[] data) throws IOException {
    return disk.out(hex(cdb), data);
  }

  static byte[] hex(String bytes) {
    return HexFormat.of().parseHex(bytes.replace(" ", ""));
  }

  // ---- persistent reservations -----------------------------------------------------------------

  ScsiResult reserveOut(int action, int type, long key, long actionKey) throws IOException {
    return reserveOut(action, type, key, actionKey, 0);
  }

  ScsiResult reserveOut(int action, int type, long key, long actionKey, int flags)
      throws IOException {
    return disk.out(
        Cdb.persistentReserveOut(action, 0, type),
        Cdb.persistentReserveParameters(key, actionKey, flags));
  }

  /** Registers a key, whatever key there was. */
  void register(long key) throws IOException {
    reserveOut(REGISTER_AND_IGNORE, 0, 0, key).requireGood();
  }

  void reserve(int type, long key) throws IOException {
    reserveOut(RESERVE, type, key, 0).requireGood();
  }

  List<Long> keys() throws IOException {
    ByteBuffer data = reserveIn(0);
    List<Long> keys = new ArrayList<>();
    for (int at = 8; at < data.capacity(); at += 8) {
      keys.add(data.getLong(at));
    }
    return keys;
  }

  int generation() throws IOException {
    return reserveIn(0).getInt(0);
  }

  /** The reservation's key and type; an empty list when there is none. */
  List<Long> reservation() throws IOException {
    ByteBuffer data = reserveIn(1);
    return data.capacity() == 8 ? List.of() : List.of(data.getLong(8), (long) (data.get(21) & 0xf));
  }

  /** PERSISTENT RESERVE IN; the data has the length that its header says. */
  ByteBuffer reserveIn(int action) throws IOException {
    byte[] data = disk.in(Cdb.persistentReserveIn(action, 4096), 4096).requireGood().data();
    ByteBuffer buffer = ByteBuffer.wrap(data);
    if (action != 2 && buffer.getInt(4) != data.length - 8) {
      throw new AssertionError("additional length " + buffer.getInt(4) + " of " + data.length);
    }
    return buffer;
  }

  /** Leaves the disk without registrations and reservations. */
  static void clearReservations(Daemon daemon, int lun) throws IOException {
    try (Host host = of(daemon, lun)) {
      host.register(0x636c656172L);
      host.reserveOut(CLEAR, 0, 0x636c656172L, 0).requireGood();
    }
  }

  // ---- expectations ----------------------------------------------------------------------------

  /** ADDITIONAL SENSE CODE and qualifier of the unit attention that TEST UNIT READY reports; 0. */
  int attention() throws IOException {
    ScsiResult result = disk.testUnitReady();
    if (result.isGood()) {
      return 0;
    }
    Sense sense = result.sense().orElseThrow(() -> new AssertionError("no sense: " + result));
    if (sense.key() != Sense.UNIT_ATTENTION) {
      throw new AssertionError("no unit attention: " + result);
    }
    return sense.additional();
  }

  /** Every pending unit attention, in the order of their report. */
  List<Integer> attentions() throws IOException {
    List<Integer> all = new ArrayList<>();
    for (int one = attention(); one != 0; one = attention()) {
      all.add(one);
      if (all.size() > 16) {
        throw new AssertionError("unit attentions without end: " + all);
      }
    }
    return all;
  }

  static void requireConflict(ScsiResult result) {
    if (result.status() != ScsiResult.RESERVATION_CONFLICT) {
      throw new AssertionError("no RESERVATION CONFLICT: " + result);
    }
  }

  static void requireCheck(ScsiResult result, int key, int additional) {
    if (result.status() != ScsiResult.CHECK_CONDITION
        || result.sense().orElseThrow().key() != key
        || result.sense().orElseThrow().additional() != additional) {
      throw new AssertionError("not %x/%04x: %s".formatted(key, additional, result));
    }
  }

  @Override
  public void close() throws IOException {
    session.close();
  }
}
