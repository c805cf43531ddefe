// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jtgt.iscsi.EmbeddedPortal;
import org.jtgt.scsi.ScsiTarget;

/**
 * An iSCSI portal inside a program, for targets of a SCSI engine inside it:
 *
 * <pre>
 * ScsiEngine engine = new ScsiEngine();
 * IscsiServer server = IscsiServer.listen(new InetSocketAddress("127.0.0.1", 3260));
 * server.add(engine.target("iqn.2026-11.org.example:mine", store));
 * ...
 * server.close();
 * engine.close();
 * </pre>
 *
 * <p>Whoever reaches the address may log in. Thread rules: any thread.
 */
public final class IscsiServer implements AutoCloseable {
  private final EmbeddedPortal portal;

  private IscsiServer(EmbeddedPortal portal) {
    this.portal = portal;
  }

  /**
   * Listens.
   *
   * @param address where; port 0 takes one that is free, see {@link #address()}
   * @throws IOException when the port is taken, or the address is not this machine's
   */
  public static IscsiServer listen(InetSocketAddress address) throws IOException {
    return new IscsiServer(new EmbeddedPortal(address));
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return portal.address();
  }

  /** Initiators may log in to a target, whose name is an iSCSI name, from now on. */
  public void add(ScsiTarget target) {
    portal.add(target);
  }

  /** They may no more; who is logged in is asked to log out. The engine can end the target then. */
  public void remove(ScsiTarget target) {
    portal.remove(target);
  }

  /** Asks all initiators to log out and listens no more; the engine can be closed then. */
  @Override
  public void close() {
    portal.close();
  }
}
