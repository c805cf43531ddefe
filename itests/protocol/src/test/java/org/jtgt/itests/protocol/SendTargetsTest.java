// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Discovery;
import org.jtgt.itests.initiator.Discovery.DiscoveredTarget;
import org.jtgt.itests.initiator.RejectedException;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Discovery by SendTargets. */
@ExtendWith(TargetUnderTest.class)
class SendTargetsTest {

  @Test
  @Section("appendix C")
  void All_lists_the_target_with_an_address_that_can_be_connected_to(TestedTarget target)
      throws Exception {
    List<DiscoveredTarget> all = Discovery.discover(target.portal(), TestedTarget.freshInitiator());

    assertThat(all).filteredOn(t -> t.name().equals(target.name())).hasSize(1);
    assertThat(all).extracting(DiscoveredTarget::name).doesNotHaveDuplicates();
    assertThat(all.stream().flatMap(t -> t.addresses().stream()))
        .allSatisfy(a -> assertThat(a).matches("(\\[[0-9a-fA-F:]+]|[^:,\\[\\]]+)(:\\d+)?(,\\d+)?"))
        .noneSatisfy(a -> assertThat(a).startsWith("0.0.0.0"))
        .noneSatisfy(a -> assertThat(a).startsWith("[::]"));
    assertThat(addressOf(all, target.name()))
        .contains(target.portal().getAddress().getHostAddress() + ":" + target.portal().getPort());
  }

  @Test
  @Section("appendix C")
  void a_name_lists_that_target_alone(TestedTarget target) throws Exception {
    try (Session session = Session.login(target.portal(), target.discovery())) {
      assertThat(Discovery.sendTargets(session.connection(), target.name()))
          .extracting(DiscoveredTarget::name)
          .containsExactly(target.name());
    }
  }

  @Test
  @Section("appendix C")
  void a_name_that_does_not_exist_lists_nothing(TestedTarget target) throws Exception {
    try (Session session = Session.login(target.portal(), target.discovery())) {
      assertThat(namesOf(session, target.name() + ".absent")).isEmpty();
    }
  }

  @Test
  @Section("appendix C")
  void an_empty_value_in_a_normal_session_lists_the_sessions_own_target(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      assertThat(Discovery.sendTargets(session.connection(), ""))
          .extracting(DiscoveredTarget::name)
          .containsExactly(target.name());
    }
  }

  @Test
  @Section("appendix C")
  void All_in_a_normal_session_lists_no_other_target(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      assertThat(namesOf(session, "All")).allMatch(target.name()::equals);
    }
  }

  @Test
  @Section("appendix C")
  void a_discovery_session_may_ask_many_times(TestedTarget target) throws Exception {
    try (Session session = Session.login(target.portal(), target.discovery())) {
      List<DiscoveredTarget> first = Discovery.sendTargets(session.connection(), "All");
      for (int i = 0; i < 20; i++) {
        assertThat(Discovery.sendTargets(session.connection(), "All")).isEqualTo(first);
      }
      session.logout();
    }
  }

  @Test
  @Section("4.3, 11.12")
  void a_SCSI_command_in_a_discovery_session_is_refused(TestedTarget target) throws Exception {
    try (Session session = Session.login(target.portal(), target.discovery())) {
      Request.Command command =
          new Request.Command(
              false,
              true,
              false,
              false,
              1,
              0,
              0x55,
              0,
              session.window().cmdSn(),
              session.connection().expStatSn(),
              Cdb.testUnitReady(),
              new byte[0],
              new byte[0]);
      Provocation result =
          Provocation.of(session.connection(), session.window().cmdSn() + 1, command.toPdu());
      assertThat(result.refused()).isTrue();
      assertThat(result.isGood(0x55)).isFalse();
      session.drop();
    }
    target.mustServeOthers();
  }

  /** The names of the answer; a Reject or SendTargets=Reject gives none. */
  private static List<String> namesOf(Session session, String value) throws IOException {
    try {
      return session.connection().text(TextKeys.of("SendTargets", value)).all("TargetName");
    } catch (RejectedException e) {
      return List.of();
    }
  }

  private static String addressOf(List<DiscoveredTarget> targets, String name) {
    return targets.stream()
        .filter(t -> t.name().equals(name))
        .map(t -> String.join(" ", t.addresses()))
        .findFirst()
        .orElseThrow();
  }
}
