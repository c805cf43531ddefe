// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;

/**
 * The target that the tests talk to.
 *
 * @param portal where it listens
 * @param name its iSCSI name
 * @param disk and {@code otherDisk}: LUNs of writable disks with 512-byte blocks, 64 MiB or more
 * @param unmapped a LUN that does not exist
 */
public record TestedTarget(
    InetSocketAddress portal, String name, int disk, int otherDisk, int unmapped) {
  static final int BLOCK_BYTES = 512;

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final String PREFIX =
      "iqn.2026-11.org.jtgt.itests:" + Long.toHexString(ProcessHandle.current().pid()) + "-";

  /** A target with disks at LUN 0 and LUN 1 and nothing at LUN 99. */
  public static TestedTarget of(InetSocketAddress portal, String name) {
    return new TestedTarget(portal, name, 0, 1, 99);
  }

  /** An initiator name that no other test of this run uses. */
  static String freshInitiator() {
    return PREFIX + COUNTER.incrementAndGet();
  }

  LoginOptions options() {
    return LoginOptions.normal(freshInitiator(), name);
  }

  LoginOptions discovery() {
    return LoginOptions.discovery(freshInitiator());
  }

  PduChannel connect() throws IOException {
    return PduChannel.connect(portal);
  }

  Session login() throws IOException {
    return login(UnaryOperator.identity());
  }

  /** A new initiator's session with changed options. */
  Session login(UnaryOperator<LoginOptions> change) throws IOException {
    return Session.login(portal, change.apply(options()));
  }

  /** The disk, its unit attentions cleared. */
  LogicalUnit disk(Session session) throws IOException {
    return ready(session.logicalUnit(disk));
  }

  /** The other disk, its unit attentions cleared. */
  LogicalUnit otherDisk(Session session) throws IOException {
    return ready(session.logicalUnit(otherDisk));
  }

  /** Logs a new session in and reads a block: whatever a test did must not hurt others. */
  void mustServeOthers() throws IOException {
    try (Session session = login()) {
      disk(session).read(0, 1, BLOCK_BYTES);
      session.logout();
    }
  }

  /** A write of 4 KiB whose R2T has come and is not answered. */
  static ScsiTask waitingWrite(Session session, LogicalUnit disk) throws IOException {
    byte[] data = new byte[4096];
    Arrays.fill(data, (byte) 0x5c);
    ScsiTask write =
        session.submit(ScsiCommand.out(disk.lun(), Cdb.write10(0, 8), data).leavingR2ts());
    session.connection().awaitR2ts(write, 1, Connection.TIMEOUT);
    return write;
  }

  private static LogicalUnit ready(LogicalUnit unit) throws IOException {
    unit.clearUnitAttentions();
    return unit;
  }
}
