// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.protocol.SecuredTarget.status;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.jtgt.itests.initiator.Chap;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.Discovery;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What an operator sets: times, portals and their groups, what is announced, how often a secret may
 * be wrong. A daemon of its own, with times of a second and a second portal on IPv6.
 */
class SettingsTest {
  private static final String PREFIX = "iqn.2026-11.org.jtgt:";
  private static final String SECRET = "carol's very own secret";

  private static DistributionStarter daemon;
  private static InetSocketAddress second;

  @BeforeAll
  static void start() throws Exception {
    second = FreePort.of(InetAddress.ofLiteral("::1"));
    daemon =
        new DistributionStarter(
            Map.of(
                "org.jtgt.iscsi",
                settings(262144),
                "org.jtgt.iscsi.portal-second",
                List.of("address=::1", "port=" + second.getPort(), "tag=7"),
                "org.jtgt.scsi.target-both",
                List.of("luns=0:disk0"),
                "org.jtgt.scsi.target-there",
                List.of("luns=0:disk0", "portals=second"),
                "org.jtgt.scsi.target-guarded",
                List.of("luns=0:disk0"),
                "org.jtgt.scsi.target-shut",
                List.of("luns=0:disk0"),
                "org.jtgt.iscsi.account-carol",
                List.of("secret=" + SECRET, "targets=guarded,shut"),
                "org.jtgt.iscsi.policy-second",
                List.of("portals=second", "maxBurstLength=32768"),
                "org.jtgt.iscsi.policy-shut",
                List.of("targets=shut", "auth=chap")));
    daemon.start();
    awaitLogin(second, options("there"));
  }

  @AfterAll
  static void stop() throws Exception {
    daemon.close();
  }

  private static List<String> settings(int maxRecv) {
    return List.of(
        "loginSeconds=1",
        "keepAliveSeconds=1",
        "keepAliveTimeoutSeconds=1",
        "maxConnections=4",
        "scsiEvents=true",
        "maxRecvDataSegmentLength=" + maxRecv);
  }

  private static LoginOptions options(String target) {
    return LoginOptions.normal(TestedTarget.freshInitiator(), PREFIX + target);
  }

  /** Waits until a login succeeds: it depends on a configuration that was just dropped. */
  private static void awaitLogin(InetSocketAddress portal, LoginOptions options) throws Exception {
    SecuredTarget.eventually(() -> assertThat(status(portal, options)).isZero());
  }

  @Test
  @Section("6.3")
  void a_login_that_is_not_finished_in_its_time_ends() throws Exception {
    try (PduChannel channel = PduChannel.connect(daemon.portal())) {
      assertThat(channel.receiveUntilClosed(Connection.TIMEOUT)).isEmpty();
    }
  }

  @Test
  @Section("11.18, 11.19")
  void an_initiator_that_does_not_answer_a_ping_is_given_up() throws Exception {
    try (Session session = Session.login(daemon.portal(), options("both")).endingAbruptly()) {
      List<Pdu> last = session.connection().channel().receiveUntilClosed(Connection.TIMEOUT);
      assertThat(Response.of(last.getFirst())).isInstanceOf(Response.NopIn.class);
    }
  }

  @Test
  @Section("11.18, 11.19")
  void an_initiator_that_answers_pings_stays() throws Exception {
    try (Session session = Session.login(daemon.portal(), options("both"))) {
      while (session.connection().pings().size() < 2) {
        session.connection().receive(Connection.TIMEOUT);
      }
      session.connection().ping(new byte[] {1});
      session.logout();
    }
  }

  @Test
  @Section("13.8, appendix C")
  void an_IPv6_portal_is_told_in_brackets_and_with_its_group() throws Exception {
    for (Discovery.DiscoveredTarget target :
        Discovery.discover(second, TestedTarget.freshInitiator())) {
      assertThat(target.addresses()).contains("[::1]:" + second.getPort() + ",7");
      if (target.name().equals(PREFIX + "there")) {
        assertThat(target.addresses()).hasSize(1);
      }
    }
  }

  @Test
  @Section("11.13.5, 4.1")
  void a_target_of_one_portal_is_not_found_at_another() throws Exception {
    assertThat(status(second, options("there"))).isZero();
    assertThat(status(daemon.portal(), options("there"))).isEqualTo(0x0203);
  }

  @Test
  @Section("13.13")
  void the_portals_policy_holds_there_alone() throws Exception {
    for (InetSocketAddress portal : List.of(daemon.portal(), second)) {
      try (Session session = Session.login(portal, options("both").with("MaxBurstLength", 65536))) {
        assertThat(session.parameters().maxBurst()).isEqualTo(portal == second ? 32768 : 65536);
        session.logout();
      }
    }
  }

  @Test
  @Section("11.13.5, 4.1")
  void a_session_cannot_span_portal_groups_0208() throws Exception {
    try (Session session =
        Session.login(daemon.portal(), options("both").with("MaxConnections", 4))) {
      LoginOptions elsewhere =
          session.options().joining(session.tsih(), 1, session.window().cmdSn());
      assertThat(status(second, elsewhere)).isEqualTo(0x0208);
      session.logout();
    }
  }

  @Test
  @Section("11.9.1, 11.9.4")
  void a_changed_LUN_map_is_told_at_once_as_a_SCSI_event() throws Exception {
    daemon.write("org.jtgt.scsi.target-mapped", "luns=0:disk0");
    awaitLogin(daemon.portal(), options("mapped"));
    try (Session session = Session.login(daemon.portal(), options("mapped"))) {
      session.logicalUnit(0).clearUnitAttentions();
      daemon.write("org.jtgt.scsi.target-mapped", "luns=0:disk0,1:disk1");
      Response.Async event = session.connection().awaitAsync(Connection.TIMEOUT);
      assertThat(event.event()).isEqualTo(Response.Async.SCSI_EVENT);
      ByteBuffer data = ByteBuffer.wrap(event.pdu().data());
      assertThat(data.getShort(0)).as("SenseLength").isEqualTo((short) 18);
      assertThat(data.getShort(2 + 12))
          .as("REPORTED LUNS DATA HAS CHANGED")
          .isEqualTo((short) 0x3f0e);
      session.logicalUnit(0).clearUnitAttentions();
      session.logout();
    }
  }

  @Test
  @Section("11.9.1, 13.12")
  void a_changed_segment_length_is_declared_when_the_initiator_asks() throws Exception {
    try (Session session = Session.login(daemon.portal(), options("both"))) {
      daemon.write("org.jtgt.iscsi", settings(131072).toArray(String[]::new));
      assertThat(session.connection().awaitAsync(Connection.TIMEOUT).event())
          .isEqualTo(Response.Async.NEGOTIATION_REQUESTED);
      assertThat(session.connection().text(TextKeys.of()).first("MaxRecvDataSegmentLength"))
          .hasValue("131072");
      session.logout();
    }
  }

  @Test
  @Section("9.2.1")
  void ten_wrong_secrets_from_an_address_are_enough() throws Exception {
    LoginOptions wrong =
        options("guarded").withChap(Chap.Credentials.oneWay("carol", "no secret of hers", 5, 7));
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      statuses.add(status(second, wrong));
    }
    assertThat(statuses.subList(0, 10)).containsOnly(0x0201);
    assertThat(statuses).contains(0x0301);
    // Whoever knows the secret and comes from elsewhere is not concerned.
    assertThat(
            status(
                daemon.portal(),
                options("guarded").withChap(Chap.Credentials.oneWay("carol", SECRET, 7))))
        .isZero();
  }

  /** What takes longer on a busy machine than the target waits for the answer to a ping. */
  private static <T> T answeringPings(Session session, Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.startVirtualThread(task);
    while (!task.isDone()) {
      session.connection().listen(Duration.ofMillis(100));
    }
    return task.get();
  }

  @Test
  @Section("12.1")
  void sessions_outlive_an_account_that_is_removed_and_new_logins_do_not() throws Exception {
    Chap.Credentials dave = Chap.Credentials.oneWay("dave", "dave has a secret", 7);
    daemon.write("org.jtgt.iscsi.account-dave", "secret=dave has a secret", "targets=shut");
    awaitLogin(daemon.portal(), options("shut").withChap(dave));
    try (Session stays = Session.login(daemon.portal(), options("shut").withChap(dave))) {
      stays.logicalUnit(0).clearUnitAttentions();
      daemon.remove("org.jtgt.iscsi.account-dave");
      SecuredTarget.eventually(() -> {
        assertThat(answeringPings(stays, () -> daemon.jtgt("list", "login")))
            .doesNotContain("dave");
        return true;
      });
      assertThat(
              answeringPings(stays, () -> status(daemon.portal(), options("shut").withChap(dave))))
          .isEqualTo(0x0201);
      stays.logicalUnit(0).read(0, 1, 512);
      stays.connection().listen(Duration.ofMillis(100));
      stays.logout();
    }
  }

  @Test
  @Section("4.2.7")
  void an_InitiatorName_of_no_form_is_refused_with_0200() throws Exception {
    for (String name : new String[] {"somebody", "iqn.x", "eui.1234", "iqn.2026-11.org.x:a b"}) {
      assertThat(status(daemon.portal(), LoginOptions.normal(name, PREFIX + "both")))
          .as(name)
          .isEqualTo(0x0200);
    }
  }
}
