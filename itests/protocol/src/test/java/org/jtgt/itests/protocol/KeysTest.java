// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How keys and values are written, who may send them and where they mean something. */
@ExtendWith(TargetUnderTest.class)
class KeysTest {

  @Test
  @Section("6.1")
  void a_key_in_other_letters_is_another_key(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("maxburstlength", 4096))) {
      assertThat(session.loginKeys().first("maxburstlength")).hasValue("NotUnderstood");
    }
  }

  @ParameterizedTest(name = "MaxBurstLength={0}")
  @Section("6.1")
  @ValueSource(strings = {"0x2000", "0X2000"})
  void a_number_may_be_hexadecimal(String number, TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("MaxBurstLength", number))) {
      assertThat(session.parameters().maxBurst()).isEqualTo(0x2000);
    }
  }

  @ParameterizedTest(name = "MaxBurstLength={0}")
  @Section("6.1")
  @ValueSource(strings = {"-4096", "+4096", "4096.0", "4 096", "0x", "0b1000", "99999999999999999"})
  void what_is_no_number_or_none_of_the_range_is_no_value_of_a_number(
      String number, TestedTarget target) throws Exception {
    refusedOr(target, o -> o.with("MaxBurstLength", number), "MaxBurstLength", "Reject");
  }

  @ParameterizedTest(name = "{0}")
  @Section("6.2")
  @ValueSource(strings = {"Irrelevant", "NotUnderstood", "Reject"})
  void an_answer_is_no_offer(String word, TestedTarget target) throws Exception {
    refusedOr(target, o -> o.with("MaxBurstLength", word), "MaxBurstLength", "Reject");
    refusedOr(target, o -> o.with("InitialR2T", word), "InitialR2T", "Reject");
  }

  @ParameterizedTest(name = "{0}={1}")
  @Section("13.6, 13.8, 13.9")
  @CsvSource({
    "TargetAlias,mine",
    "TargetAddress,'192.0.2.1:3260,1'",
    "TargetPortalGroupTag,1",
  })
  void a_key_that_targets_send_is_refused_from_an_initiator(
      String key, String value, TestedTarget target) throws Exception {
    refusedOr(target, o -> o.with(key, value), key, "Reject|NotUnderstood|Irrelevant");
  }

  @Test
  @Section("13.3")
  void SendTargets_is_not_for_the_login_phase(TestedTarget target) throws Exception {
    refusedOr(target, o -> o.with("SendTargets", "All"), "SendTargets", "Reject|Irrelevant");
  }

  @Test
  @Section("12, 13")
  void AuthMethod_is_not_for_the_operational_stage(TestedTarget target) throws Exception {
    refusedOr(
        target,
        o -> o.withAuthMethod().with("AuthMethod", "None"),
        "AuthMethod",
        "Reject|Irrelevant");
  }

  @Test
  @Section("13.7")
  void an_initiators_alias_is_taken_without_an_answer(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("InitiatorAlias", "tested by hand"))) {
      assertThat(session.loginKeys().first("InitiatorAlias")).isEmpty();
      target.disk(session).testUnitReady().requireGood();
    }
  }

  @ParameterizedTest(name = "{0}={1}")
  @Section("13.21")
  @CsvSource({
    "MaxConnections,4",
    "InitialR2T,No",
    "ImmediateData,Yes",
    "MaxBurstLength,65536",
    "FirstBurstLength,4096",
    "MaxOutstandingR2T,2",
    "DataPDUInOrder,No",
    "DataSequenceInOrder,No",
    "TaskReporting,RFC3720",
    "iSCSIProtocolLevel,2",
  })
  void what_is_about_data_is_irrelevant_in_a_discovery_session(
      String key, String value, TestedTarget target) throws Exception {
    try (Session session = Session.login(target.portal(), target.discovery().with(key, value))) {
      assertThat(session.loginKeys().first(key)).hasValue("Irrelevant");
    }
  }

  @ParameterizedTest(name = "{0}")
  @Section("13.23")
  @CsvSource({
    "'ResponseFence,RFC3720',ResponseFence",
    "'X-org.example,RFC3720',RFC3720",
    "RFC3720,RFC3720",
  })
  void the_first_way_of_task_reporting_that_the_target_has_is_taken(
      String offer, String taken, TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("TaskReporting", offer))) {
      assertThat(session.loginKeys().first("TaskReporting")).hasValue(taken);
    }
  }

  @ParameterizedTest(name = "{0}={1}")
  @Section("13.25")
  @CsvSource({"IFMarker,No", "OFMarker,No", "IFMarker,Yes", "OFMarker,Yes"})
  void markers_are_never_agreed_to(String key, String value, TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with(key, value))) {
      assertThat(session.loginKeys().first(key).orElse("No"))
          .matches("No|NotUnderstood|Reject|Irrelevant");
      target.disk(session).testUnitReady().requireGood();
    }
  }

  @ParameterizedTest(name = "{0}")
  @Section("13.25")
  @ValueSource(strings = {"IFMarkInt", "OFMarkInt"})
  void intervals_of_markers_are_never_agreed_to(String key, TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with(key, "2048~8192"))) {
      assertThat(session.loginKeys().first(key).orElse("Reject"))
          .matches("NotUnderstood|Reject|Irrelevant");
      target.disk(session).testUnitReady().requireGood();
    }
  }

  @Test
  @Section("6.1")
  void a_key_of_63_bytes_is_a_key_and_a_longer_one_does_no_harm(TestedTarget target)
      throws Exception {
    String longest = "X-org.jtgt." + "k".repeat(63 - 11);
    try (Session session = target.login(o -> o.with(longest, "1"))) {
      assertThat(session.loginKeys().first(longest)).hasValue("NotUnderstood");
    }
    String longer = longest + "k";
    refusedOr(target, o -> o.with(longer, "1"), longer, "NotUnderstood|Reject");
  }

  @ParameterizedTest(name = "{0}")
  @Section("13, LO")
  @CsvSource({
    "MaxBurstLength,512",
    "FirstBurstLength,512",
    "InitialR2T,Yes",
    "ImmediateData,No",
    "ErrorRecoveryLevel,0",
    "MaxOutstandingR2T,1",
    "DataPDUInOrder,Yes",
  })
  void a_key_of_the_leading_connection_changes_nothing_on_another(
      String key, String value, TestedTarget target) throws Exception {
    LoginOptions options = target.options().with("MaxConnections", 2).with("MaxBurstLength", 65536);
    try (Session session = Session.login(target.portal(), options)) {
      assertThat(session.parameters().maxConnections()).isEqualTo(2);
      LoginOptions joining =
          options.joining(session.tsih(), 9, session.window().cmdSn()).with(key, value);
      try (Session second = Session.login(target.portal(), joining)) {
        assertThat(second.loginKeys().first(key).orElse("Irrelevant")).isEqualTo("Irrelevant");
        second.drop();
      } catch (LoginException refused) {
        assertThat(refused.status() >> 8).isEqualTo(2);
      }
      assertThat(target.disk(session).read(0, 128, 512)).hasSize(65536);
      session.drop();
    }
  }

  private interface Change {
    LoginOptions of(LoginOptions options);
  }

  /** The login is refused, or the key alone is, by one of these answers. */
  private static void refusedOr(TestedTarget target, Change change, String key, String answers)
      throws Exception {
    Throwable refusal =
        catchThrowable(() -> {
          try (Session session = target.login(change::of)) {
            assertThat(session.loginKeys().first(key).orElse("")).matches(answers);
          }
        });
    if (refusal instanceof LoginException refused) {
      assertThat(refused.status() >> 8).isEqualTo(2);
    } else if (!(refusal instanceof ConnectionClosedException)) {
      assertThat(refusal).isNull();
    }
    target.mustServeOthers();
  }
}
