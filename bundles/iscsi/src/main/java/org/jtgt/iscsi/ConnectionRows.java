// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jtgt.iscsi.connection.Connection;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The connections that are open now, named by the initiators' addresses. */
@Component(service = StateSource.class, property = StateSource.KIND + "=connection")
public final class ConnectionRows implements StateSource {
  private final IscsiTransport transport;

  @Activate
  public ConnectionRows(@Reference IscsiTransport transport) {
    this.transport = transport;
  }

  @Override
  public String kind() {
    return "connection";
  }

  @Override
  public List<StateRow> rows() {
    return transport.portals().stream()
        .flatMap(portal ->
            portal.connections().all().stream().map(connection -> row(portal, connection)))
        .toList();
  }

  private static StateRow row(RunningPortal portal, Connection connection) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("state", connection.phase());
    values.put("portal", portal.portal().name());
    values.put("since", connection.since());
    connection
        .session()
        .ifPresent(session -> {
          values.put("target", session.identity().targetName());
          values.put("tsih", (long) session.tsih());
          values.put("cid", (long) connection.cid());
          values.put("headerDigest", session.parameters().headerDigest());
          values.put("dataDigest", session.parameters().dataDigest());
        });
    return new StateRow(connection.peer(), "", values);
  }
}
