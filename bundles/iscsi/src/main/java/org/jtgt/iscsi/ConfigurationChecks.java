// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.Map;
import java.util.Optional;
import org.jtgt.state.ConfigurationCheck;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Says what the components would say, by the same code, before they get their configurations. */
@Component
public final class ConfigurationChecks implements ConfigurationCheck {
  private final AccessControl control;

  @Activate
  public ConfigurationChecks(@Reference AccessControl control) {
    this.control = control;
  }

  @Override
  public Optional<String> problem(String type, String pid, Map<String, Object> values) {
    String problem =
        switch (type) {
          case AccessControl.ACCESS ->
              AccessComponent.rule(pid, TypedValues.of(AccessConfig.class, values)).problem();
          case AccessControl.ACCOUNT ->
              AccountComponent.account(
                      pid, TypedValues.of(AccountConfig.class, values), control.rules())
                  .problem();
          case AccessControl.POLICY ->
              PolicyComponent.policy(pid, TypedValues.of(PolicyConfig.class, values)).problem();
          case IscsiTransport.PID -> transport(TypedValues.of(IscsiConfig.class, values));
          default -> "";
        };
    return Optional.of(problem).filter(text -> !text.isEmpty());
  }

  private static String transport(IscsiConfig config) {
    try {
      TransportSettings.of(config);
      return "";
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
