// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.Session;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** A target of a test with a portal of its own, and logical units on any stores. */
final class Disk {
  private static final AtomicInteger MADE = new AtomicInteger();

  private final Container container;
  private final BundleContext context;
  private final String name;
  private final List<String> luns = new ArrayList<>();
  private final InetSocketAddress portal;

  /** Each has names of its own, so that no test meets the services of the one before. */
  Disk(Container container, BundleContext context, String name) throws IOException {
    this.container = container;
    this.context = context;
    this.name = name + MADE.incrementAndGet() + "u";
    portal = FreePort.ofLoopback();
    container.configure(
        "org.jtgt.iscsi.portal",
        this.name,
        Map.of("address", "127.0.0.1", "port", portal.getPort()));
  }

  /** Adds a logical unit on a store of its own at the next LUN. */
  Disk with(String storePid, Map<String, ?> store, Map<String, ?> unit) throws IOException {
    String label = label(luns.size());
    container.configure(storePid, label, store);
    Map<String, Object> settings = new HashMap<>(unit);
    settings.put("store", label);
    container.configure("org.jtgt.scsi.lu", label, settings);
    luns.add(luns.size() + ":" + label);
    return this;
  }

  /** Adds a logical unit of another device type, which has no store, at the next LUN. */
  Disk withDevice(String unitPid, Map<String, ?> unit) throws IOException {
    String label = label(luns.size());
    container.configure(unitPid, label, unit);
    luns.add(luns.size() + ":" + label);
    return this;
  }

  /** The target, when all its logical units are there. */
  Disk serve() throws IOException {
    container.configure(
        "org.jtgt.scsi.target",
        name,
        Map.of("name", target(), "luns", luns.toArray(new String[0])));
    return this;
  }

  String target() {
    return "iqn.2026-11.org.jtgt.itests:" + name;
  }

  InetSocketAddress portal() {
    return portal;
  }

  String label(int lun) {
    return name + lun;
  }

  Session login() {
    return Container.login(portal, target());
  }

  /** A service of the store at a LUN. */
  <C> C control(int lun, Class<C> type) {
    return Container.eventually(() -> context.getService(reference(lun, type)));
  }

  private <C> ServiceReference<C> reference(int lun, Class<C> type) throws InvalidSyntaxException {
    return context
        .getServiceReferences(type, "(service.pid=*~" + label(lun) + ")")
        .iterator()
        .next();
  }
}
