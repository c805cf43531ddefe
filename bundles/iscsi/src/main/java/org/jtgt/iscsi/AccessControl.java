// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jtgt.iscsi.access.LoginRules;
import org.jtgt.iscsi.login.Chap;
import org.jtgt.iscsi.login.FailureLimit;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.CredentialSource;
import org.jtgt.iscsi.spi.LoginContext;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts, access rules, policies and the sources of credentials of other bundles. At the start it
 * knows which configurations are still to come: until they are there, nobody is let in, so that no
 * door is open for a moment because its lock comes later.
 *
 * <p>Thread rules: any thread.
 */
@Component(service = {AccessControl.class, ConfigurationListener.class})
public final class AccessControl implements Chap.Users, ConfigurationListener {
  static final String ACCOUNT = "org.jtgt.iscsi.account";
  static final String ACCESS = "org.jtgt.iscsi.access";
  static final String POLICY = "org.jtgt.iscsi.policy";

  /** Reason of a deactivation: the configuration was deleted (OSGi Compendium 8, 112.5.18). */
  private static final int CONFIGURATION_DELETED = 5;

  private static final Logger LOG = LoggerFactory.getLogger(AccessControl.class);

  private final LoginRules rules = new LoginRules();
  private final FailureLimit failures = new FailureLimit(System::nanoTime);
  private final Set<String> awaited = ConcurrentHashMap.newKeySet();
  private final ConcurrentSkipListMap<ServiceReference<CredentialSource>, CredentialSource>
      sources = new ConcurrentSkipListMap<>((a, b) -> b.compareTo(a));

  /** The bundle and the framework: when one of them stops, doors are shut. */
  private final List<Bundle> frame;

  private final Optional<ConfigurationAdmin> configurations;

  /** Without a container: nothing is to come. */
  AccessControl() {
    frame = List.of();
    configurations = Optional.empty();
  }

  @Activate
  public AccessControl(BundleContext context, @Reference ConfigurationAdmin configurations) {
    frame = List.of(context.getBundle(), context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION));
    this.configurations = Optional.of(configurations);
    for (String factory : new String[] {ACCOUNT, ACCESS, POLICY}) {
      try {
        Configuration[] known =
            configurations.listConfigurations("(service.factoryPid=" + factory + ")");
        if (known != null) {
          Arrays.stream(known).map(Configuration::getPid).forEach(awaited::add);
        }
      } catch (IOException | InvalidSyntaxException e) {
        throw new IllegalStateException("the configurations of " + factory + " cannot be read", e);
      }
    }
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      unbind = "removeSource")
  void addSource(ServiceReference<CredentialSource> reference, CredentialSource source) {
    sources.put(reference, source);
  }

  void removeSource(ServiceReference<CredentialSource> reference) {
    sources.remove(reference);
  }

  /**
   * Whether there is a configuration that a component does not see. While a failed component is
   * tried again its configuration is out of sight for a moment: defaults must not take its place,
   * they may be more open.
   *
   * @param properties of the component
   */
  boolean overlooks(String pid, Map<String, Object> properties) {
    return !properties.containsKey(Constants.SERVICE_PID) && exists(pid);
  }

  LoginRules rules() {
    return rules;
  }

  /** A configuration is in force now; an operator reads what is wrong with it, if anything is. */
  void inForce(String pid, String problem) {
    awaited.remove(pid);
    if (!problem.isEmpty()) {
      LOG.warn("{}: {}; nobody logs in by it", pid, problem);
    }
  }

  /**
   * A component of a configuration has gone. What the configuration says stays in force unless it
   * was deleted: no door opens because its lock goes before the portals do, or because the
   * configuration is out of sight for a moment, as it is while a component is tried again.
   *
   * @param reason why SCR took the component down
   */
  void gone(String pid, int reason) {
    if (reason == CONFIGURATION_DELETED) {
      deleted(pid);
    }
  }

  /** One that was made again meanwhile stays as it was until the new one takes its place. */
  private void deleted(String pid) {
    if (!exists(pid)) {
      rules.remove(pid);
    }
  }

  private boolean exists(String pid) {
    try {
      return configurations.isPresent()
          && configurations.get().listConfigurations("(service.pid=" + pid + ")") != null;
    } catch (IOException | InvalidSyntaxException | IllegalStateException e) {
      return true;
    }
  }

  /** Why nobody is let in now, whoever it is; empty when rules and accounts decide. */
  Optional<String> shut() {
    if (frame.stream().anyMatch(bundle -> bundle.getState() == Bundle.STOPPING)) {
      return Optional.of("the target stops");
    }
    // One may have been deleted before Configuration Admin knew whom to tell.
    return awaited.stream()
        .filter(this::exists)
        .findFirst()
        .map(pid -> pid + " is not in force yet");
  }

  /** A deletion is heard of here even when no component saw its configuration. */
  @Override
  public void configurationEvent(ConfigurationEvent event) {
    if (event.getType() == ConfigurationEvent.CM_DELETED) {
      awaited.remove(event.getPid());
      deleted(event.getPid());
    }
  }

  /** Whether some source has credentials for such logins. */
  boolean guards(LoginContext login) {
    return rules.guards(login) || all().stream().anyMatch(source -> source.guards(login));
  }

  @Override
  public Optional<ChapCredential> find(LoginContext login, String user) {
    Optional<ChapCredential> own = rules.find(login, user);
    if (own.isPresent()) {
      return own;
    }
    return all().stream().flatMap(source -> source.find(login, user).stream()).findFirst();
  }

  private Collection<CredentialSource> all() {
    return sources.values();
  }

  @Override
  public FailureLimit failures() {
    return failures;
  }

  /** The name behind {@code ~} of a factory configuration. */
  static String instance(String pid) {
    return pid.substring(pid.indexOf('~') + 1);
  }

  static String pid(Map<String, Object> properties, String otherwise) {
    return properties.get("service.pid") instanceof String pid ? pid : otherwise;
  }
}
