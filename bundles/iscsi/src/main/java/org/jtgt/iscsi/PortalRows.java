// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jtgt.iscsi.net.Addresses;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The configured portals. */
@Component(service = StateSource.class, property = StateSource.KIND + "=portal")
public final class PortalRows implements StateSource {
  private final IscsiTransport transport;

  @Activate
  public PortalRows(@Reference IscsiTransport transport) {
    this.transport = transport;
  }

  @Override
  public String kind() {
    return "portal";
  }

  @Override
  public List<StateRow> rows() {
    return transport.portals().stream().map(PortalRows::row).toList();
  }

  private static StateRow row(RunningPortal running) {
    Portal portal = running.portal();
    Map<String, Object> values = new LinkedHashMap<>();
    String reason = running.reason();
    // Before the first try has ended nothing has failed.
    values.put(
        "state", running.listening() ? "listening" : reason.isEmpty() ? "waiting" : "retrying");
    if (!reason.isEmpty()) {
      values.put("reason", reason);
    }
    values.put("address", Addresses.text(portal.address()));
    values.put("tag", (long) portal.tag());
    if (!portal.advertise().isEmpty()) {
      values.put("advertise", portal.advertise());
    }
    values.put("connections", (long) running.connections().all().size());
    return new StateRow(portal.name(), portal.pid(), values);
  }
}
