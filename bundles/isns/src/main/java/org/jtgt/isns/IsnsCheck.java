// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.util.Map;
import java.util.Optional;
import org.jtgt.state.ConfigurationCheck;
import org.osgi.service.component.annotations.Component;

/** Says before it is configured whether a server can be one. */
@Component
public final class IsnsCheck implements ConfigurationCheck {
  @Override
  public Optional<String> problem(String type, String pid, Map<String, Object> values) {
    String server = values.getOrDefault("server", "").toString().strip();
    return type.equals(IsnsComponent.PID)
            && !server.isEmpty()
            && IsnsComponent.address(server).isEmpty()
        ? Optional.of(IsnsComponent.problem(server))
        : Optional.empty();
  }
}
