// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jtgt.iscsi.access.AccessRule;
import org.jtgt.iscsi.access.NamePattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** A configured access rule. A wrong one stays, shut: it must not leave its target open. */
@Component(
    service = {},
    immediate = true,
    configurationPid = AccessControl.ACCESS,
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    name = AccessControl.ACCESS)
@Designate(ocd = AccessConfig.class, factory = true)
public final class AccessComponent {
  /** Largest LUN of the flat space addressing method (SAM-5 4.7.7.4). */
  private static final int MOST_LUN = 16383;

  private final AccessControl control;
  private final String pid;

  @Activate
  public AccessComponent(
      @Reference AccessControl control, AccessConfig config, Map<String, Object> properties) {
    this.control = control;
    this.pid = AccessControl.pid(properties, AccessControl.ACCESS);
    modified(config);
  }

  @Modified
  void modified(AccessConfig config) {
    AccessRule rule = rule(pid, config);
    control.rules().put(rule);
    control.inForce(pid, rule.problem());
  }

  @Deactivate
  void deactivate(int reason) {
    control.gone(pid, reason);
  }

  /** The rule that a configuration stands for; with its problem, when it is wrong. */
  static AccessRule rule(String pid, AccessConfig config) {
    Patterns patterns = new Patterns();
    var targets = patterns.read("targets", config.targets());
    if (targets.isEmpty()) {
      patterns.wrong("targets: none; allowed: names of targets");
    }
    var initiators = patterns.read("initiators", config.initiators());
    var addresses = patterns.addresses("addresses", config.addresses());
    Optional<SortedMap<Integer, String>> luns = luns(config.luns(), patterns);
    if (config.maxSessions() < 0) {
      patterns.wrong("maxSessions: " + config.maxSessions() + "; allowed: 0 or more");
    }
    return new AccessRule(
        AccessControl.instance(pid),
        pid,
        // Which target is meant is not known: the rule shuts all.
        targets.isEmpty() ? List.of(new NamePattern("*")) : targets,
        initiators,
        addresses,
        luns,
        config.readOnly(),
        config.maxSessions(),
        patterns.problem());
  }

  private static Optional<SortedMap<Integer, String>> luns(String[] texts, Patterns patterns) {
    SortedMap<Integer, String> luns = new TreeMap<>();
    for (String text : texts) {
      if (text.isBlank()) {
        continue;
      }
      String[] parts = text.strip().split("\\s*:\\s*", 2);
      if (parts.length != 2
          || !parts[0].matches("\\d{1,5}")
          || Integer.parseInt(parts[0]) > MOST_LUN
          || parts[1].isEmpty()
          || luns.put(Integer.valueOf(parts[0]), parts[1]) != null) {
        patterns.wrong(
            "luns: '" + text + "'; allowed: LUN:logical-unit, each LUN once, 0 to " + MOST_LUN);
      }
    }
    return luns.isEmpty() ? Optional.empty() : Optional.of(luns);
  }
}
