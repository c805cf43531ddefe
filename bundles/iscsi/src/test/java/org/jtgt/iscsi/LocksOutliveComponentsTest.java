// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.iscsi.access.Asker;
import org.jtgt.iscsi.access.Policy.Authentication;
import org.jtgt.iscsi.access.Terms;
import org.jtgt.iscsi.spi.LoginContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;

/**
 * Access rules, accounts and policies stay in force until their configuration is deleted, however
 * their components come and go.
 */
class LocksOutliveComponentsTest {
  private static final String RULE = AccessControl.ACCESS + "~r";
  private static final String ACCOUNT = AccessControl.ACCOUNT + "~a";
  private static final String POLICY = AccessControl.POLICY + "~p";
  private static final int CONFIGURATION_DELETED = 5;
  private static final LoginContext LOGIN =
      new LoginContext("iqn.i", InetAddress.getLoopbackAddress(), "iqn.t", "t");
  private static final Asker ASKER =
      new Asker("iqn.i", InetAddress.getLoopbackAddress(), "iqn.t", "t", "p");

  private final Set<String> stored = new HashSet<>(List.of(RULE, ACCOUNT, POLICY));
  private final AtomicInteger bundleState = new AtomicInteger(Bundle.ACTIVE);
  private final AtomicInteger frameworkState = new AtomicInteger(Bundle.ACTIVE);
  private final AtomicInteger changes = new AtomicInteger();
  private final AccessControl control = new AccessControl(context(), configurations());
  private final AccessComponent rule =
      new AccessComponent(
          control,
          Fakes.config(AccessConfig.class, Map.of("targets", new String[] {"t"}, "readOnly", true)),
          Map.of(Constants.SERVICE_PID, RULE));
  private final AccountComponent account =
      new AccountComponent(
          control,
          Fakes.config(AccountConfig.class, Map.of("secret", "secret of twelve bytes")),
          Map.of(Constants.SERVICE_PID, ACCOUNT));
  private final PolicyComponent policy =
      new PolicyComponent(
          control,
          Fakes.config(PolicyConfig.class, Map.of("auth", "chap")),
          Map.of(Constants.SERVICE_PID, POLICY));

  LocksOutliveComponentsTest() {
    control.rules().onChange(changes::incrementAndGet);
  }

  private void takeDown(int reason) {
    rule.deactivate(reason);
    account.deactivate(reason);
    policy.deactivate(reason);
  }

  private void assertLocked() {
    assertThat(control.rules().admitting(ASKER)).get().matches(r -> r.readOnly(), "read-only");
    assertThat(control.guards(LOGIN)).isTrue();
    assertThat(auth()).isEqualTo(Authentication.CHAP);
    assertThat(changes).hasValue(0);
  }

  private void assertOpen() {
    assertThat(control.rules().guarded(ASKER)).isFalse();
    assertThat(control.guards(LOGIN)).isFalse();
    assertThat(auth()).isEqualTo(Authentication.NONE);
    assertThat(changes).hasValue(1);
  }

  private Authentication auth() {
    return control
        .rules()
        .terms(ASKER, new Terms(Authentication.NONE, Map.of(), 0, Optional.empty(), ""))
        .auth();
  }

  @ParameterizedTest(name = "reason {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4, 6})
  void componentsThatGoForAnotherReasonThanADeletionOpenNothing(int reason) {
    takeDown(reason);
    assertLocked();
  }

  @Test
  void aConfigurationThatIsOutOfSightOpensNothing() {
    takeDown(CONFIGURATION_DELETED);
    assertLocked();
  }

  @Test
  void aDeletedConfigurationIsInForceNoMore() {
    stored.clear();
    takeDown(CONFIGURATION_DELETED);
    assertOpen();
  }

  @Test
  void aConfigurationThatIsDeletedWhileOutOfSightIsInForceNoMore() {
    takeDown(CONFIGURATION_DELETED);
    stored.clear();
    for (String pid : List.of(RULE, ACCOUNT, POLICY)) {
      control.configurationEvent(deleted(pid));
    }
    assertOpen();
  }

  @Test
  void aConfigurationThatIsMadeAgainAtOnceLeavesNoMomentOpen() {
    control.configurationEvent(deleted(RULE));
    takeDown(CONFIGURATION_DELETED);
    assertLocked();
  }

  @Test
  void whatIsConfiguredAtTheStartShutsAllUntilItIsInForce() {
    stored.add(AccessControl.ACCESS + "~late");
    AccessControl starting = new AccessControl(context(), configurations());
    for (String pid : List.of(RULE, ACCOUNT, POLICY)) {
      starting.inForce(pid, "");
    }
    assertThat(starting.shut()).contains(AccessControl.ACCESS + "~late is not in force yet");
    stored.remove(AccessControl.ACCESS + "~late");
    starting.configurationEvent(deleted(AccessControl.ACCESS + "~late"));
    assertThat(starting.shut()).isEmpty();
  }

  @Test
  void whatIsDeletedBeforeAnybodyIsToldShutsNothing() {
    AccessControl starting = new AccessControl(context(), configurations());
    assertThat(starting.shut()).isPresent();
    stored.clear();
    assertThat(starting.shut()).isEmpty();
  }

  /** Sources of credentials in other bundles may be gone by then. */
  @Test
  void nobodyComesInWhileTheBundleOrTheFrameworkStops() {
    assertThat(control.shut()).isEmpty();
    frameworkState.set(Bundle.STOPPING);
    assertThat(control.shut()).contains("the target stops");
    frameworkState.set(Bundle.ACTIVE);
    bundleState.set(Bundle.STOPPING);
    assertThat(control.shut()).contains("the target stops");
  }

  @SuppressWarnings("unchecked")
  private static ConfigurationEvent deleted(String pid) {
    String factory = pid.substring(0, pid.indexOf('~'));
    return new ConfigurationEvent(
        Fakes.fake(ServiceReference.class, Map.of()), ConfigurationEvent.CM_DELETED, factory, pid);
  }

  private BundleContext context() {
    return Fakes.fake(
        BundleContext.class,
        (method, arguments) ->
            Fakes.fake(
                Bundle.class,
                (ofBundle, none) -> (arguments == null ? bundleState : frameworkState).get()));
  }

  /** Understands "(service.factoryPid=...)" and "(service.pid=...)". */
  private ConfigurationAdmin configurations() {
    return Fakes.fake(
        ConfigurationAdmin.class,
        (method, arguments) -> {
          String wanted = String.valueOf(requireNonNull(arguments)[0]).replaceAll("\\(.*=|\\)", "");
          Configuration[] found =
              stored.stream()
                  .filter(pid -> pid.equals(wanted) || pid.startsWith(wanted + "~"))
                  .map(pid -> Fakes.fake(Configuration.class, Map.of("getPid", pid)))
                  .toArray(Configuration[]::new);
          return found.length == 0 ? null : found;
        });
  }
}
