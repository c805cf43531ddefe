// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jtgt.iscsi.connection.Settings;
import org.jtgt.iscsi.net.ConnectionList;
import org.jtgt.iscsi.net.Transport;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.session.SessionRegistry;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.iscsi.text.TextValue;
import org.jtgt.scsi.ScsiTarget;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transport as a whole: settings, event loops, sessions, targets and portals. */
@Component(
    service = IscsiTransport.class,
    configurationPid = "org.jtgt.iscsi",
    configurationPolicy = ConfigurationPolicy.OPTIONAL,
    name = "org.jtgt.iscsi")
@Designate(ocd = IscsiConfig.class)
public final class IscsiTransport {
  private static final Logger LOG = LoggerFactory.getLogger(IscsiTransport.class);

  private final SessionRegistry sessions = new SessionRegistry();
  private final Map<String, ScsiTarget> targets = new ConcurrentHashMap<>();
  private final Map<String, RunningPortal> portals = new ConcurrentHashMap<>();
  private final RefusalLog refusals = new RefusalLog(LOG, System::nanoTime);
  private final Transport transport;
  private volatile Settings settings;

  @Activate
  public IscsiTransport(IscsiConfig config) {
    settings = settings(config);
    transport =
        Transport.start(
            kind(config),
            config.threads(),
            Duration.of(config.busyPollMicros(), ChronoUnit.MICROS));
    LOG.info("iSCSI runs on {}", transport.name());
  }

  @Modified
  void modified(IscsiConfig config) {
    kind(config);
    settings = settings(config);
    sessions.sessions().forEach(session -> session.owner().settingsChanged());
  }

  @Deactivate
  void deactivate() {
    transport.close();
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      unbind = "removeTarget")
  void addTarget(ScsiTarget target) {
    targets.put(target.name().toLowerCase(Locale.ROOT), target);
  }

  void removeTarget(ScsiTarget target) {
    String name = target.name().toLowerCase(Locale.ROOT);
    if (targets.remove(name, target)) {
      for (Session session : sessions.sessions()) {
        if (session.identity().targetName().equals(name)) {
          session.owner().requestLogout(settings.logoutSeconds(), "the target was removed");
        }
      }
    }
  }

  private static Transport.Kind kind(IscsiConfig config) {
    return switch (config.transport()) {
      case "auto" -> Transport.Kind.AUTO;
      case "epoll" -> Transport.Kind.EPOLL;
      case "nio" -> Transport.Kind.NIO;
      default ->
          throw new IllegalArgumentException(
              "transport=" + config.transport() + ", allowed auto, epoll, nio");
    };
  }

  private static Settings settings(IscsiConfig config) {
    Map<Key, String> own = new EnumMap<>(Settings.defaults().ownValues());
    own.put(Key.HEADER_DIGEST, String.join(",", config.headerDigest()));
    own.put(Key.DATA_DIGEST, String.join(",", config.dataDigest()));
    own.put(Key.INITIAL_R2T, config.initialR2T() ? TextValue.YES : TextValue.NO);
    own.put(Key.IMMEDIATE_DATA, config.immediateData() ? TextValue.YES : TextValue.NO);
    own.put(Key.MAX_RECV_DATA_SEGMENT_LENGTH, Integer.toString(config.maxRecvDataSegmentLength()));
    own.put(Key.MAX_BURST_LENGTH, Integer.toString(config.maxBurstLength()));
    own.put(Key.FIRST_BURST_LENGTH, Integer.toString(config.firstBurstLength()));
    own.put(Key.MAX_OUTSTANDING_R2T, Integer.toString(config.maxOutstandingR2T()));
    own.put(Key.MAX_CONNECTIONS, Integer.toString(config.maxConnections()));
    own.put(Key.ERROR_RECOVERY_LEVEL, Integer.toString(config.errorRecoveryLevel()));
    own.put(Key.DEFAULT_TIME2WAIT, Integer.toString(config.defaultTime2Wait()));
    own.put(Key.DEFAULT_TIME2RETAIN, Integer.toString(config.defaultTime2Retain()));
    own.put(Key.DATA_PDU_IN_ORDER, config.dataPDUInOrder() ? TextValue.YES : TextValue.NO);
    own.put(
        Key.DATA_SEQUENCE_IN_ORDER, config.dataSequenceInOrder() ? TextValue.YES : TextValue.NO);
    return new Settings(
        config.commandWindow(),
        config.maxCommands(),
        config.unsolicitedBytes(),
        config.loginSeconds(),
        config.keepAliveSeconds(),
        config.keepAliveTimeoutSeconds(),
        config.logoutSeconds(),
        config.recoveryMilliseconds(),
        own);
  }

  Settings settings() {
    return settings;
  }

  SessionRegistry sessions() {
    return sessions;
  }

  List<RunningPortal> portals() {
    return List.copyOf(portals.values());
  }

  void opened(RunningPortal portal) {
    portals.put(portal.portal().name(), portal);
  }

  void closed(RunningPortal portal) {
    portals.remove(portal.portal().name(), portal);
  }

  ChannelFuture listen(Portal portal, ConnectionList connections) {
    return transport.listen(portal.address(), new PortalEnvironment(this, portal), connections);
  }

  void schedule(Runnable action, Duration delay) {
    transport.schedule(action, delay);
  }

  /** A target that a portal offers. */
  Optional<ScsiTarget> target(String name, String portal) {
    return Optional.ofNullable(targets.get(name.toLowerCase(Locale.ROOT)))
        .filter(target -> target.portals().isEmpty() || target.portals().contains(portal));
  }

  /** Target names and the addresses of the portals they are on (RFC 7143 appendix C). */
  List<TextPair> sendTargets(Optional<String> only, InetSocketAddress local) {
    List<TextPair> pairs = new ArrayList<>();
    List<RunningPortal> listening = portals().stream().filter(RunningPortal::listening).toList();
    targets.keySet().stream()
        .filter(name -> only.isEmpty() || only.get().equalsIgnoreCase(name))
        .sorted()
        .forEach(name -> describe(name, listening, local, pairs));
    return pairs;
  }

  private void describe(
      String name, List<RunningPortal> listening, InetSocketAddress local, List<TextPair> pairs) {
    List<TextPair> addresses =
        listening.stream()
            .filter(portal -> target(name, portal.portal().name()).isPresent())
            .flatMap(portal -> portal.portal().targetAddress(local).stream())
            .distinct()
            .map(address -> new TextPair(Key.TARGET_ADDRESS.text(), address))
            .toList();
    if (!addresses.isEmpty()) {
      pairs.add(new TextPair(Key.TARGET_NAME.text(), name));
      pairs.addAll(addresses);
    }
  }

  RefusalLog refusals() {
    return refusals;
  }
}
