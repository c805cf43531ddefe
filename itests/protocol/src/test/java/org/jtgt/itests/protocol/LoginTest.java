// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The login phase's stages, names, versions and statuses. */
@ExtendWith(TargetUnderTest.class)
class LoginTest {

  @Test
  @Section("6.3, 11.13.4")
  void a_login_through_both_stages_gives_a_TSIH(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      assertThat(session.tsih()).isBetween(1, 0xffff);
    }
  }

  @Test
  @Section("6.3.1")
  void a_login_may_start_at_the_operational_stage(TestedTarget target) throws Exception {
    try (Session session = target.login(LoginOptions::withAuthMethod)) {
      assertThat(session.tsih()).isNotZero();
    }
  }

  @Test
  @Section("12.1")
  void None_is_chosen_from_a_list_when_no_authentication_is_configured(TestedTarget target)
      throws Exception {
    for (String[] methods :
        new String[][] {{"CHAP", "None"}, {"None", "CHAP"}, {"KRB5", "SRP", "CHAP", "None"}}) {
      try (Session session = target.login(o -> o.withAuthMethod(methods))) {
        assertThat(session.loginKeys().first("AuthMethod")).hasValue("None");
      }
    }
  }

  @Test
  @Section("6.2.1, 12.1")
  void a_list_of_methods_that_the_target_lacks_does_not_log_in(TestedTarget target)
      throws Exception {
    try (PduChannel channel = target.connect()) {
      TextKeys keys = target.options().identity().plus("AuthMethod", "SRP");
      Optional<Response.Login> answer = send(channel, login(keys, 0, 1, true));
      assertThat(answer)
          .satisfiesAnyOf(
              a -> assertThat(a).isEmpty(),
              a -> assertThat(a.orElseThrow().status() >> 8).isEqualTo(2),
              a ->
                  assertThat(a.orElseThrow().keys().first("AuthMethod").orElse(""))
                      .isEqualTo("Reject"));
    }
  }

  @Test
  @Section("13.9")
  void the_first_response_of_a_normal_login_tells_the_portal_group(TestedTarget target)
      throws Exception {
    try (PduChannel channel = target.connect()) {
      TextKeys keys = target.options().identity().plus("AuthMethod", "None");
      Response.Login answer = send(channel, login(keys, 0, 1, true)).orElseThrow();
      assertThat(answer.keys().first("TargetPortalGroupTag").map(Integer::decode))
          .hasValueSatisfying(tag -> assertThat(tag).isBetween(0, 65535));
    }
  }

  @Test
  @Section("11.13")
  void a_login_response_repeats_the_tag_and_ISID_and_the_stage(TestedTarget target)
      throws Exception {
    try (PduChannel channel = target.connect()) {
      TextKeys keys = target.options().identity().plus("AuthMethod", "None");
      Response.Login answer = send(channel, login(keys, 0, 1, true)).orElseThrow();
      assertThat(answer.status()).isZero();
      assertThat(answer.itt()).isEqualTo(0x1234);
      assertThat(answer.isid()).isEqualTo(0x800000001234L);
      assertThat(answer.csg()).isZero();
      assertThat(answer.pdu().get(Field.VERSION_ACTIVE)).isZero();
      assertThat(answer.pdu().get(Field.VERSION_MAX)).isZero();
    }
  }

  @Test
  @Section("11.13.5")
  void a_login_without_InitiatorName_is_refused_with_0207(TestedTarget target) {
    assertStatus(target, target.options().without("InitiatorName"), 0x0207);
  }

  @Test
  @Section("11.13.5, 13.4")
  void a_normal_login_without_TargetName_is_refused_with_0207(TestedTarget target) {
    assertStatus(target, target.options().without("TargetName"), 0x0207);
  }

  @Test
  @Section("11.13.5")
  void a_login_to_a_target_that_does_not_exist_is_refused_with_0203(TestedTarget target) {
    assertStatus(
        target,
        LoginOptions.normal(TestedTarget.freshInitiator(), target.name() + ".absent"),
        0x0203);
  }

  @Test
  @Section("11.12.4, 11.13.5")
  void a_version_that_the_target_lacks_is_refused_with_0205(TestedTarget target) throws Exception {
    try (PduChannel channel = target.connect()) {
      TextKeys keys = target.options().identity().plus("AuthMethod", "None");
      Pdu pdu = login(keys, 0, 1, true).with(Field.VERSION_MAX, 9).with(Field.VERSION_MIN, 9);
      assertThat(send(channel, pdu).orElseThrow().status()).isEqualTo(0x0205);
    }
  }

  @Test
  @Section("11.12.4")
  void a_range_of_versions_that_contains_ours_logs_in(TestedTarget target) throws Exception {
    try (PduChannel channel = target.connect()) {
      TextKeys keys = target.options().identity().plus("AuthMethod", "None");
      Pdu pdu = login(keys, 0, 1, true).with(Field.VERSION_MAX, 9);
      Response.Login answer = send(channel, pdu).orElseThrow();
      assertThat(answer.status()).isZero();
      assertThat(answer.pdu().get(Field.VERSION_ACTIVE)).isZero();
    }
  }

  @Test
  @Section("11.13.5, 13.21")
  void a_session_type_that_does_not_exist_is_refused(TestedTarget target) {
    LoginOptions options = target.options();
    assertRefused(target, options.withIdentity(options.identity().set("SessionType", "Strange")));
  }

  @Test
  @Section("11.12.6, 11.13.5")
  void a_TSIH_of_no_session_is_refused_with_020a(TestedTarget target) {
    assertStatus(target, target.options().withTsih(0xbeef), 0x020a);
  }

  @Test
  @Section("6.3, 11.12.1")
  void stages_that_do_not_exist_or_go_back_are_refused(TestedTarget target) throws Exception {
    TextKeys keys = target.options().identity();
    assertRefused(target, login(keys, 2, 3, true));
    assertRefused(target, login(keys, 0, 2, true));
    assertRefused(target, login(keys, 1, 0, true));
    assertRefused(target, login(keys, 1, 1, true));
    assertRefused(target, login(keys, 3, 3, true));
  }

  @Test
  @Section("11.12.2")
  void T_and_C_together_are_refused(TestedTarget target) throws Exception {
    assertRefused(
        target, login(target.options().identity(), 1, 3, true).with(Field.CONTINUE, true));
  }

  @Test
  @Section("6.2")
  void a_key_that_is_negotiated_twice_is_refused(TestedTarget target) {
    LoginOptions options = target.options();
    assertRefused(
        target,
        options
            .withAuthMethod()
            .withOperational(options.operational().plus("MaxBurstLength", "4096")));
  }

  @Test
  @Section("6.1")
  void text_without_an_equals_sign_is_refused(TestedTarget target) throws Exception {
    TextKeys keys = target.options().identity();
    byte[] good = keys.encode();
    byte[] bad = Arrays.copyOf(good, good.length + 8);
    Arrays.fill(bad, good.length, good.length + 7, (byte) 'x');
    assertRefused(target, login(keys, 1, 3, true).withData(bad));
  }

  @Test
  @Section("6.3")
  void the_first_PDU_of_a_connection_must_be_a_login_request(TestedTarget target) throws Exception {
    try (PduChannel channel = target.connect()) {
      channel.send(new Request.NopOut(true, 0, 1, Request.TTT_NONE, 1, 1, new byte[0]).toPdu());
      assertThat(channel.receiveUntilClosed(Duration.ofSeconds(60)))
          .allSatisfy(pdu -> assertThat(Response.of(pdu)).isInstanceOf(Response.Reject.class));
    }
    target.mustServeOthers();
  }

  @Test
  @Section("6.3, 11.12")
  void a_login_request_in_the_full_feature_phase_is_refused(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Pdu login = login(session.options().identity(), 1, 3, true);
      Provocation result = Provocation.of(session.connection(), session.window().cmdSn(), login);
      boolean refusedByStatus =
          result.seen().stream()
              .anyMatch(r -> r instanceof Response.Login l && l.status() >> 8 == 2);
      assertThat(result.refused() || refusedByStatus).isTrue();
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("6.3.5")
  void a_login_with_the_same_ISID_reinstates_the_session(TestedTarget target) throws Exception {
    LoginOptions options = target.options();
    try (Session old = Session.login(target.portal(), options)) {
      target.disk(old);
      try (Session young = Session.login(target.portal(), options)) {
        old.connection().channel().receiveUntilClosed(Duration.ofSeconds(60));
        target.disk(young).testUnitReady().requireGood();
        old.drop();
      }
    }
  }

  @Test
  @Section("6.3.5, 4.4.2")
  void the_same_ISID_of_another_initiator_is_another_session(TestedTarget target) throws Exception {
    LoginOptions options = target.options();
    LoginOptions other = target.options().withIsid(options.isid());
    try (Session one = Session.login(target.portal(), options);
        Session two = Session.login(target.portal(), other)) {
      assertThat(one.tsih()).isNotEqualTo(two.tsih());
      target.disk(two).testUnitReady().requireGood();
      target.disk(one).testUnitReady().requireGood();
      one.logout();
      two.logout();
    }
  }

  @Test
  @Section("6.2, 11.12.2")
  void a_login_text_may_be_split_over_many_requests(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.withMaxRequestBytes(24))) {
      target.disk(session).testUnitReady().requireGood();
    }
  }

  @Test
  @Section("13.21")
  void a_discovery_login_needs_no_TargetName(TestedTarget target) throws Exception {
    try (Session session = Session.login(target.portal(), target.discovery())) {
      assertThat(session.tsih()).isNotZero();
    }
  }

  private static Pdu login(TextKeys keys, int csg, int nsg, boolean transit) {
    return new Request.Login(
            transit, false, csg, nsg, 0, 0, 0x800000001234L, 0, 0x1234, 1, 1, 0, keys.encode())
        .toPdu();
  }

  /** Sends one login request; empty if the target closes or rejects instead of answering. */
  private static Optional<Response.Login> send(PduChannel channel, Pdu pdu) throws IOException {
    try {
      channel.send(pdu);
      return Response.of(channel.receive()) instanceof Response.Login login
          ? Optional.of(login)
          : Optional.empty();
    } catch (ConnectionClosedException e) {
      return Optional.empty();
    }
  }

  private static void assertStatus(TestedTarget target, LoginOptions options, int status) {
    assertThatThrownBy(() -> Session.login(target.portal(), options).close())
        .isInstanceOfSatisfying(
            LoginException.class, e -> assertThat(e.status()).as(e.getMessage()).isEqualTo(status));
  }

  /** Refused with any initiator error, a rejected key or a closed connection. */
  private static void assertRefused(TestedTarget target, LoginOptions options) {
    assertThatThrownBy(() -> Session.login(target.portal(), options).close())
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(ConnectionClosedException.class),
            e ->
                assertThat(e)
                    .isInstanceOfSatisfying(
                        LoginException.class, l -> assertThat(l.status() >> 8).isEqualTo(2)),
            e -> assertThat(e).hasMessageContaining("Reject"));
  }

  private static void assertRefused(TestedTarget target, Pdu pdu) throws IOException {
    try (PduChannel channel = target.connect()) {
      Optional<Response.Login> answer = send(channel, pdu);
      answer.ifPresent(a -> assertThat(a.status() >> 8).as(pdu.toString()).isEqualTo(2));
    }
    target.mustServeOthers();
  }
}
