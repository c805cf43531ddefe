// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jtgt.iscsi.access.AccessRule;
import org.jtgt.iscsi.net.Addresses;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The configured access rules. */
@Component(service = StateSource.class, property = StateSource.KIND + "=access")
public final class AccessRows implements StateSource {
  private final AccessControl control;

  @Activate
  public AccessRows(@Reference AccessControl control) {
    this.control = control;
  }

  @Override
  public String kind() {
    return "access";
  }

  @Override
  public List<StateRow> rows() {
    return control.rules().rules().stream().map(AccessRows::row).toList();
  }

  private static StateRow row(AccessRule rule) {
    Map<String, Object> values = new LinkedHashMap<>();
    AccountRows.condition(values, rule.problem());
    AccountRows.names(values, "targets", rule.targets());
    AccountRows.names(values, "initiators", rule.initiators());
    if (!rule.addresses().isEmpty()) {
      values.put(
          "addresses",
          rule.addresses().stream()
              .map(range -> Addresses.text(range.address()) + '/' + range.prefixBits())
              .toList());
    }
    rule.luns()
        .ifPresent(luns ->
            values.put(
                "luns",
                luns.entrySet().stream().map(e -> e.getKey() + ":" + e.getValue()).toList()));
    values.put("readOnly", rule.readOnly());
    return new StateRow(rule.name(), rule.pid(), values);
  }
}
