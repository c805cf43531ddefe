// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jtgt.iscsi.access.NamePattern;
import org.jtgt.iscsi.access.Policy;
import org.jtgt.iscsi.access.Policy.Authentication;
import org.jtgt.iscsi.access.Policy.Redirect;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.iscsi.text.TextValue;
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
  private static final Set<String> DIGESTS = Set.of(TextValue.NONE, Parameters.CRC32C);

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
    Policy policy = policy(config);
    control.rules().put(policy);
    control.inForce(pid, policy.problem());
  }

  @Deactivate
  void deactivate(int reason) {
    control.gone(pid, reason);
  }

  private Policy policy(PolicyConfig config) {
    Patterns patterns = new Patterns();
    List<NamePattern> targets = patterns.read("targets", config.targets());
    List<NamePattern> portals = patterns.read("portals", config.portals());
    // For whom it is meant is not known then: it shuts all.
    boolean known = patterns.problem().isEmpty();
    Values values = new Values(patterns);
    values.digest(Key.HEADER_DIGEST, "headerDigest", config.headerDigest());
    values.digest(Key.DATA_DIGEST, "dataDigest", config.dataDigest());
    values.number(
        Key.MAX_RECV_DATA_SEGMENT_LENGTH,
        "maxRecvDataSegmentLength",
        config.maxRecvDataSegmentLength(),
        512,
        0xffffff);
    values.number(Key.MAX_BURST_LENGTH, "maxBurstLength", config.maxBurstLength(), 512, 0xffffff);
    values.number(
        Key.FIRST_BURST_LENGTH, "firstBurstLength", config.firstBurstLength(), 512, 0xffffff);
    values.number(
        Key.MAX_OUTSTANDING_R2T, "maxOutstandingR2T", config.maxOutstandingR2T(), 1, 65535);
    values.yesNo(Key.INITIAL_R2T, "initialR2T", config.initialR2T());
    values.yesNo(Key.IMMEDIATE_DATA, "immediateData", config.immediateData());
    values.yesNo(Key.DATA_PDU_IN_ORDER, "dataPDUInOrder", config.dataPDUInOrder());
    values.yesNo(Key.DATA_SEQUENCE_IN_ORDER, "dataSequenceInOrder", config.dataSequenceInOrder());
    values.number(Key.MAX_CONNECTIONS, "maxConnections", config.maxConnections(), 1, 64);
    values.number(
        Key.ERROR_RECOVERY_LEVEL, "errorRecoveryLevel", config.errorRecoveryLevel(), 0, 2);
    values.number(Key.DEFAULT_TIME2WAIT, "defaultTime2Wait", config.defaultTime2Wait(), 0, 3600);
    values.number(
        Key.DEFAULT_TIME2RETAIN, "defaultTime2Retain", config.defaultTime2Retain(), 0, 3600);
    Optional<Integer> maxSessions =
        number("maxSessions", config.maxSessions(), 0, 65535, patterns).map(Long::intValue);
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
        values.own,
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

  private static Optional<Long> number(
      String key, String text, long min, long max, Patterns patterns) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    long value = text.matches("\\d{1,9}") ? Long.parseLong(text) : -1;
    if (value < min || value > max) {
      patterns.wrong(key + ": " + text + "; allowed: " + min + " to " + max);
      return Optional.empty();
    }
    return Optional.of(value);
  }

  /** Collects the values of operational keys. */
  private static final class Values {
    final Map<Key, String> own = new EnumMap<>(Key.class);
    private final Patterns patterns;

    Values(Patterns patterns) {
      this.patterns = patterns;
    }

    void number(Key key, String name, String text, long min, long max) {
      PolicyComponent.number(name, text, min, max, patterns)
          .ifPresent(value -> own.put(key, Long.toString(value)));
    }

    void yesNo(Key key, String name, String text) {
      switch (text) {
        case "" -> {}
        case "true" -> own.put(key, TextValue.YES);
        case "false" -> own.put(key, TextValue.NO);
        default -> patterns.wrong(name + ": " + text + "; allowed: true or false");
      }
    }

    void digest(Key key, String name, String[] texts) {
      if (texts.length == 0) {
        return;
      }
      for (String text : texts) {
        if (!DIGESTS.contains(text)) {
          patterns.wrong(name + ": " + text + "; allowed: None, CRC32C");
        }
      }
      own.put(key, String.join(",", texts));
    }
  }
}
