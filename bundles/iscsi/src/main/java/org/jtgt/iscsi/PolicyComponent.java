// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.access.NamePattern;
import org.jtgt.iscsi.access.Policy;
import org.jtgt.iscsi.access.Policy.Authentication;
import org.jtgt.iscsi.access.Policy.Redirect;
import org.jtgt.iscsi.text.Key;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** A configured login policy. A wrong one stays, shut: it must not leave its target open. */
@Component(
    service = {},
    immediate = true,
    configurationPid = AccessControl.POLICY,
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    name = AccessControl.POLICY)
@Designate(ocd = PolicyConfig.class, factory = true)
public final class PolicyComponent {
  private final AccessControl control;
  private final String pid;

  @Activate
  public PolicyComponent(
      @Reference AccessControl control, PolicyConfig config, Map<String, Object> properties) {
    this.control = control;
    this.pid = AccessControl.pid(properties, AccessControl.POLICY);
    modified(config);
  }

  @Modified
  void modified(PolicyConfig config) {
    Policy policy = policy(pid, config);
    control.rules().put(policy);
    control.inForce(pid, policy.problem());
  }

  @Deactivate
  void deactivate(int reason) {
    control.gone(pid, reason);
  }

  /** The policy that a configuration stands for; with its problem, when it is wrong. */
  static Policy policy(String pid, PolicyConfig config) {
    Patterns patterns = new Patterns();
    List<NamePattern> targets = patterns.read("targets", config.targets());
    List<NamePattern> portals = patterns.read("portals", config.portals());
    // For whom it is meant is not known then: it shuts all.
    boolean known = patterns.problem().isEmpty();
    OwnValues values =
        new OwnValues(Map.of(), patterns)
            .digest(Key.HEADER_DIGEST, config.headerDigest())
            .digest(Key.DATA_DIGEST, config.dataDigest())
            .number(Key.MAX_RECV_DATA_SEGMENT_LENGTH, config.maxRecvDataSegmentLength())
            .number(Key.MAX_BURST_LENGTH, config.maxBurstLength())
            .number(Key.FIRST_BURST_LENGTH, config.firstBurstLength())
            .number(Key.MAX_OUTSTANDING_R2T, config.maxOutstandingR2T())
            .yesNo(Key.INITIAL_R2T, config.initialR2T())
            .yesNo(Key.IMMEDIATE_DATA, config.immediateData())
            .yesNo(Key.DATA_PDU_IN_ORDER, config.dataPDUInOrder())
            .yesNo(Key.DATA_SEQUENCE_IN_ORDER, config.dataSequenceInOrder())
            .number(Key.MAX_CONNECTIONS, config.maxConnections())
            .number(Key.ERROR_RECOVERY_LEVEL, config.errorRecoveryLevel())
            .number(Key.DEFAULT_TIME2WAIT, config.defaultTime2Wait())
            .number(Key.DEFAULT_TIME2RETAIN, config.defaultTime2Retain());
    Optional<Integer> maxSessions =
        config.maxSessions().isEmpty()
            ? Optional.empty()
            : patterns.number("maxSessions", config.maxSessions(), 0, 65535).map(Long::intValue);
    if (!config.discoveryAuth().isEmpty() && !targets.isEmpty()) {
      patterns.wrong("discoveryAuth: a discovery session has no target; allowed: without targets");
    }
    return new Policy(
        AccessControl.instance(pid),
        pid,
        known ? targets : List.of(),
        known ? portals : List.of(),
        authentication("auth", config.auth(), patterns),
        authentication("discoveryAuth", config.discoveryAuth(), patterns),
        values.values(),
        maxSessions,
        redirect(config, patterns),
        patterns.problem());
  }

  /** The authentication of a word; empty for none. */
  static Optional<Authentication> authentication(String key, String text, Patterns patterns) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    for (Authentication value : Authentication.values()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return Optional.of(value);
      }
    }
    patterns.wrong(key + ": '" + text + "'; allowed: none, chap, optional, auto");
    return Optional.of(Authentication.CHAP);
  }

  private static Optional<Redirect> redirect(PolicyConfig config, Patterns patterns) {
    if (config.redirect().isEmpty()) {
      return Optional.empty();
    }
    if (!config.redirect().matches("[A-Za-z0-9.:\\[\\]-]{1,255}(,\\d{1,5})?")) {
      patterns.wrong("redirect: '" + config.redirect() + "'; allowed: address or address:port");
    }
    return Optional.of(
        new Redirect(config.redirect(), config.redirectPermanently().equals("true")));
  }
}
