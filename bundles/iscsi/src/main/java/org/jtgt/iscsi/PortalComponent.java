// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** A configured portal. A change of address or port closes its own connections, nothing else. */
@Component(
    service = {},
    immediate = true,
    configurationPid = "org.jtgt.iscsi.portal",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    name = "org.jtgt.iscsi.portal")
@Designate(ocd = PortalConfig.class, factory = true)
public final class PortalComponent {
  private final IscsiTransport transport;
  private RunningPortal running;

  @Activate
  public PortalComponent(
      @Reference IscsiTransport transport, PortalConfig config, Map<String, Object> properties) {
    this.transport = transport;
    running = new RunningPortal(transport, portal(config, pid(properties)));
    running.open();
  }

  @Modified
  synchronized void modified(PortalConfig config, Map<String, Object> properties) {
    Portal portal = portal(config, pid(properties));
    if (portal.equals(running.portal())) {
      return;
    }
    running.close();
    running = new RunningPortal(transport, portal);
    running.open();
  }

  /** All portals that go with the bundle close together. */
  @Deactivate
  synchronized void deactivate(BundleContext context) {
    if (context.getBundle().getState() == Bundle.STOPPING) {
      RunningPortal.closeAll(transport.portals(), transport.settings().logoutSeconds());
    }
    running.close();
  }

  private static String pid(Map<String, Object> properties) {
    return properties.get("service.pid") instanceof String pid ? pid : "org.jtgt.iscsi.portal";
  }

  private static Portal portal(PortalConfig config, String pid) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(config.address());
    if (address == null) {
      throw new IllegalArgumentException(
          "address=" + config.address() + ", allowed is an IPv4 or IPv6 address");
    }
    if (config.port() < 1 || config.port() > 65535) {
      throw new IllegalArgumentException("port=" + config.port() + ", allowed 1 to 65535");
    }
    if (config.tag() < 1 || config.tag() > 65535) {
      throw new IllegalArgumentException("tag=" + config.tag() + ", allowed 1 to 65535");
    }
    try {
      return new Portal(
          pid.substring(pid.indexOf('~') + 1),
          pid,
          new InetSocketAddress(InetAddress.getByAddress(address), config.port()),
          config.tag(),
          config.advertise());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("address=" + config.address(), e);
    }
  }
}
