// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jtgt.iscsi.access.Policy;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The configured login policies. */
@Component(service = StateSource.class, property = StateSource.KIND + "=policy")
public final class PolicyRows implements StateSource {
  private final AccessControl control;

  @Activate
  public PolicyRows(@Reference AccessControl control) {
    this.control = control;
  }

  @Override
  public String kind() {
    return "policy";
  }

  @Override
  public List<StateRow> rows() {
    return control.rules().policies().stream().map(PolicyRows::row).toList();
  }

  private static StateRow row(Policy policy) {
    Map<String, Object> values = new LinkedHashMap<>();
    AccountRows.condition(values, policy.problem());
    AccountRows.names(values, "targets", policy.targets());
    AccountRows.names(values, "portals", policy.portals());
    policy.auth().ifPresent(auth -> values.put("auth", auth.name().toLowerCase(Locale.ROOT)));
    policy
        .discoveryAuth()
        .ifPresent(auth -> values.put("discoveryAuth", auth.name().toLowerCase(Locale.ROOT)));
    policy.redirect().ifPresent(redirect -> values.put("redirect", redirect.address()));
    policy.maxSessions().ifPresent(most -> values.put("maxSessions", (long) most));
    new TreeMap<>(policy.values()).forEach((key, value) -> values.put(key.text(), value));
    return new StateRow(policy.name(), policy.pid(), values);
  }
}
