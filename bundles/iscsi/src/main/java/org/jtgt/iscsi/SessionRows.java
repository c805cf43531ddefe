// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jtgt.iscsi.session.Session;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The sessions that live now, named by their TSIH. */
@Component(service = StateSource.class, property = StateSource.KIND + "=session")
public final class SessionRows implements StateSource {
  private final IscsiTransport transport;

  @Activate
  public SessionRows(@Reference IscsiTransport transport) {
    this.transport = transport;
  }

  @Override
  public String kind() {
    return "session";
  }

  @Override
  public List<StateRow> rows() {
    return transport.sessions().sessions().stream()
        .sorted(Comparator.comparingInt(Session::tsih))
        .map(SessionRows::row)
        .toList();
  }

  private static StateRow row(Session session) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("state", session.state().name().toLowerCase(Locale.ROOT));
    values.put("type", session.identity().discovery() ? "discovery" : "normal");
    values.put("target", session.identity().targetName());
    values.put("initiator", session.identity().initiatorName());
    if (!session.initiatorAlias().isEmpty()) {
      values.put("alias", session.initiatorAlias());
    }
    values.put("isid", HexFormat.of().toHexDigits(session.identity().isid(), 12));
    values.put("tsih", (long) session.tsih());
    values.put("peer", session.peer());
    values.put("portal", session.portal());
    values.put("since", session.since());
    values.put("commands", session.commands());
    values.put("readBytes", session.readBytes());
    values.put("writeBytes", session.writeBytes());
    return new StateRow(Integer.toString(session.tsih()), "", values);
  }
}
