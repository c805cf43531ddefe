// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jtgt.iscsi.connection.ScsiPorts;
import org.jtgt.iscsi.connection.Settings;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.net.ConnectionList;
import org.jtgt.iscsi.net.Transport;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.session.SessionRegistry;
import org.jtgt.iscsi.spi.AnnouncedTarget;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextPair;
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
    configurationPid = IscsiTransport.PID,
    configurationPolicy = ConfigurationPolicy.OPTIONAL,
    name = "org.jtgt.iscsi")
@Designate(ocd = IscsiConfig.class)
public final class IscsiTransport {
  static final String PID = "org.jtgt.iscsi";

  private static final Logger LOG = LoggerFactory.getLogger(IscsiTransport.class);

  private final SessionRegistry sessions = new SessionRegistry();
  private final Map<String, OfferedTarget> targets = new ConcurrentHashMap<>();
  private final Map<String, RunningPortal> portals = new ConcurrentHashMap<>();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final RefusalLog events =
      new RefusalLog(LoggerFactory.getLogger("org.jtgt.iscsi.sessions"), System::nanoTime);
  private final RefusalLog refusals = new RefusalLog(LOG, System::nanoTime);
  private final Transport transport;
  private final Gatekeeper gatekeeper;

  /** What the event loops were made by. */
  private final TransportSettings started;

  private volatile TransportSettings inForce;
  private volatile String refusal = "";
  private volatile String needsStart = "";

  /**
   * Starts the event loops.
   *
   * @throws IllegalStateException when it has a configuration that it does not see
   */
  @Activate
  public IscsiTransport(
      @Reference AccessControl control, IscsiConfig config, Map<String, Object> properties) {
    this(seen(control, properties), config);
  }

  private static AccessControl seen(AccessControl control, Map<String, Object> properties) {
    if (control.overlooks(PID, properties)) {
      throw new IllegalStateException("its configuration is out of sight for a moment");
    }
    return control;
  }

  IscsiTransport(AccessControl control, IscsiConfig config) {
    started = TransportSettings.of(config);
    inForce = started;
    gatekeeper = new Gatekeeper(targets, sessions, control, () -> inForce.defaults());
    control.rules().onChange(this::revalidate);
    transport = Transport.start(started.kind(), started.threads(), started.busyPoll());
    LOG.info("iSCSI runs on {}", transport.name());
  }

  /**
   * Takes a changed configuration over, all of it or nothing. SCR tells nobody of one that a
   * component refuses, so it is shown here: what was in force before goes on.
   */
  @Modified
  void modified(IscsiConfig config) {
    try {
      TransportSettings wanted = TransportSettings.of(config);
      needsStart = started.needsStart(wanted);
      inForce = wanted;
      refusal = "";
    } catch (IllegalArgumentException wrong) {
      refusal = String.valueOf(wrong.getMessage());
      LOG.warn("{}: {}; what was in force before goes on", PID, refusal);
      return;
    }
    if (!needsStart.isEmpty()) {
      LOG.warn("{}: {}", PID, needsStart);
    }
    transport.busyPoll(inForce.busyPoll());
    sessions.sessions().forEach(session -> session.owner().settingsChanged());
  }

  /** What is wrong with the configuration as it is now; empty when it is in force. */
  String refusal() {
    return refusal;
  }

  /** What of the configuration waits for a start of the transport; empty for nothing. */
  String needsStart() {
    return needsStart;
  }

  /** The kind and number of event loops. */
  String loops() {
    return transport.name() + " x " + Transport.loops(started.threads());
  }

  @Deactivate
  void deactivate() {
    transport.close();
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      updated = "targetChanged",
      unbind = "removeTarget")
  void addTarget(ScsiTarget target, Map<String, Object> properties) {
    OfferedTarget offered = OfferedTarget.of(target, properties);
    targets.put(offered.name(), offered);
    offer(List.of(offered));
    offersChanged();
  }

  /** Its portals, perhaps: who came in where it is no longer offered has to go. */
  void targetChanged(ScsiTarget target) {
    offer(targets.values());
    revalidate();
    offersChanged();
  }

  void removeTarget(ScsiTarget target) {
    String name = target.name().toLowerCase(Locale.ROOT);
    OfferedTarget offered = targets.get(name);
    if (offered != null && offered.device() == target && targets.remove(name, offered)) {
      for (Session session : sessions.ofTarget(name)) {
        session.owner().requestLogout(settings().logoutSeconds(), "the target was removed");
      }
      offersChanged();
    }
  }

  /** Ends the sessions of whoever may not be there any more; others see what they may see now. */
  private void revalidate() {
    for (Session session : sessions.sessions()) {
      if (session.identity().discovery()) {
        continue;
      }
      gatekeeper
          .view(session.identity(), session.address(), session.portal())
          .ifPresentOrElse(
              view -> session.nexus().ifPresent(nexus -> nexus.view(view)),
              () ->
                  session
                      .owner()
                      .requestLogout(settings().logoutSeconds(), "access was taken away"));
    }
  }

  Settings settings() {
    return inForce.connections();
  }

  SessionRegistry sessions() {
    return sessions;
  }

  List<RunningPortal> portals() {
    return List.copyOf(portals.values());
  }

  void opened(RunningPortal portal) {
    portals.put(portal.portal().name(), portal);
    offer(targets.values());
  }

  void closed(RunningPortal portal) {
    portals.remove(portal.portal().name(), portal);
    offer(targets.values());
    offersChanged();
  }

  /** Targets or listening portals are others now. */
  void offersChanged() {
    watchers.forEach(Runnable::run);
  }

  List<Runnable> watchers() {
    return watchers;
  }

  /** What listening portals offer, by name. */
  List<AnnouncedTarget> announced() {
    List<Portal> listening =
        portals().stream()
            .filter(RunningPortal::listening)
            .map(RunningPortal::portal)
            .sorted(Comparator.comparing(Portal::name))
            .toList();
    return targets.values().stream()
        .sorted(Comparator.comparing(OfferedTarget::name))
        .map(target -> target.announced(listening))
        .filter(target -> !target.portals().isEmpty())
        .toList();
  }

  /**
   * Tells targets their target ports: one for each portal group that offers one, whether anyone has
   * come through it yet or not (RFC 7143 4.4.3.2).
   */
  private void offer(Collection<OfferedTarget> those) {
    synchronized (targets) {
      those.stream()
          .sorted(Comparator.comparing(OfferedTarget::name))
          .forEach(target ->
              target
                  .device()
                  .offeredAt(
                      portals().stream()
                          .map(RunningPortal::portal)
                          .filter(portal -> target.reachableAt(portal.name()))
                          .map(Portal::tag)
                          .distinct()
                          .sorted()
                          .map(tag -> ScsiPorts.target(target.name(), tag))
                          .toList()));
    }
  }

  ChannelFuture listen(Portal portal, ConnectionList connections) {
    return transport.listen(portal.address(), new PortalEnvironment(this, portal), connections);
  }

  void schedule(Runnable action, Duration delay) {
    transport.schedule(action, delay);
  }

  Gatekeeper gatekeeper() {
    return gatekeeper;
  }

  /**
   * Target names and the addresses of the portals they are on (RFC 7143 appendix C): only what the
   * asker may log in to.
   */
  List<TextPair> sendTargets(
      SessionIdentity asker, InetAddress peer, Optional<String> only, InetSocketAddress local) {
    List<TextPair> pairs = new ArrayList<>();
    List<RunningPortal> listening = portals().stream().filter(RunningPortal::listening).toList();
    targets.values().stream()
        .filter(target -> only.isEmpty() || only.get().equalsIgnoreCase(target.name()))
        .sorted(Comparator.comparing(OfferedTarget::name))
        .forEach(target -> {
          List<RunningPortal> shown =
              listening.stream()
                  .filter(portal ->
                      gatekeeper.shows(asker.initiatorName(), peer, target, portal.portal().name()))
                  .toList();
          describe(target.name(), shown, local, pairs);
        });
    return pairs;
  }

  private static void describe(
      String name, List<RunningPortal> portals, InetSocketAddress local, List<TextPair> pairs) {
    List<TextPair> addresses =
        portals.stream()
            .flatMap(portal -> portal.portal().targetAddress(local).stream())
            .distinct()
            .map(address -> new TextPair(Key.TARGET_ADDRESS.text(), address))
            .toList();
    if (!addresses.isEmpty()) {
      pairs.add(new TextPair(Key.TARGET_NAME.text(), name));
      pairs.addAll(addresses);
    }
  }

  /** Logins and the ends of sessions, for an operator. */
  RefusalLog events() {
    return events;
  }

  RefusalLog refusals() {
    return refusals;
  }
}
