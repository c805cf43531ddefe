// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The transport itself, and what of its configuration is not in force. */
@Component(service = StateSource.class, property = StateSource.KIND + "=transport")
public final class TransportRows implements StateSource {
  private final IscsiTransport transport;

  @Activate
  public TransportRows(@Reference IscsiTransport transport) {
    this.transport = transport;
  }

  @Override
  public String kind() {
    return "transport";
  }

  @Override
  public List<StateRow> rows() {
    Map<String, Object> values = new LinkedHashMap<>();
    String refusal = transport.refusal();
    if (!refusal.isEmpty()) {
      values.put("state", "failed");
      values.put("reason", refusal);
    } else if (!transport.needsStart().isEmpty()) {
      // Without a state it is a note: all else is in force.
      values.put("reason", transport.needsStart());
    }
    values.put("loops", transport.loops());
    values.put("sessions", (long) transport.sessions().sessions().size());
    return List.of(new StateRow("iscsi", IscsiTransport.PID, values));
  }
}
