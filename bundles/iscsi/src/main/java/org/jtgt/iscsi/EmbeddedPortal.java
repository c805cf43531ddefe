// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jtgt.scsi.ScsiTarget;

/** The transport with one portal and its default settings, put together without a container. */
public final class EmbeddedPortal implements AutoCloseable {
  private final IscsiTransport transport;
  private final RunningPortal portal;

  /**
   * Listens.
   *
   * @throws IOException when it cannot
   */
  public EmbeddedPortal(InetSocketAddress address) throws IOException {
    transport = new IscsiTransport(new AccessControl(), defaults());
    portal = new RunningPortal(transport, new Portal("embedded", "", address, 1, ""));
    portal.open();
    if (!portal.listening()) {
      String reason = portal.reason();
      close();
      throw new IOException(reason);
    }
  }

  /** The defaults that Metatype shows. */
  private static IscsiConfig defaults() {
    return (IscsiConfig)
        Proxy.newProxyInstance(
            IscsiConfig.class.getClassLoader(),
            new Class<?>[] {IscsiConfig.class},
            (proxy, method, arguments) -> method.getDefaultValue());
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return portal.boundAddress();
  }

  /** Initiators may log in to a target from now on. */
  public void add(ScsiTarget target) {
    transport.addTarget(target, Map.of());
  }

  /** No more; who is logged in is asked to log out. */
  public void remove(ScsiTarget target) {
    transport.removeTarget(target);
  }

  @Override
  public void close() {
    portal.close();
    transport.deactivate();
  }
}
