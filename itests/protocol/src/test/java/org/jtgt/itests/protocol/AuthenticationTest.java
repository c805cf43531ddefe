// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import org.jtgt.itests.initiator.Chap;
import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.ProtocolViolation;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CHAP, one-way and mutual, and what a target has to refuse. */
@ExtendWith(SecuredTarget.Resolver.class)
class AuthenticationTest {

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8})
  @Section("12.1.3")
  void each_CHAP_algorithm_logs_in(int algorithm, SecuredTarget target) throws Exception {
    LoginOptions options =
        target
            .options("chap")
            .withChap(Chap.Credentials.oneWay("alice", SecuredTarget.SECRET, algorithm));
    try (Session session = target.login(options)) {
      assertThat(session.loginKeys().first("CHAP_A")).hasValue(Integer.toString(algorithm));
      session.logicalUnit(0).clearUnitAttentions();
      session.logicalUnit(0).read(0, 1, 512);
      session.logout();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8})
  @Section("12.1.3")
  void the_target_proves_itself_when_it_is_asked(int algorithm, SecuredTarget target)
      throws Exception {
    Chap.Credentials credentials =
        Chap.Credentials.oneWay("bob", "bob's very own secret", algorithm)
            .mutual("jtgt", SecuredTarget.TARGET_SECRET);
    assertThat(target.status(target.options("chap").withChap(credentials))).isZero();
  }

  @Test
  @Section("12.1.3")
  void an_initiator_that_expects_another_target_secret_is_not_fooled(SecuredTarget target) {
    Chap.Credentials credentials =
        Chap.Credentials.oneWay("bob", "bob's very own secret", 5)
            .mutual("jtgt", "what the target does not know");
    assertThatThrownBy(() -> target.login(target.options("chap").withChap(credentials)))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("target's CHAP response is wrong");
  }

  @Test
  @Section("12.1.3")
  void the_target_takes_the_first_of_its_own_order_from_a_list(SecuredTarget target)
      throws Exception {
    try (Session session =
        target.login(
            target
                .options("chap")
                .withChap(Chap.Credentials.oneWay("alice", SecuredTarget.SECRET, 5, 7, 6)))) {
      assertThat(session.loginKeys().first("CHAP_A")).hasValue("7");
      session.logout();
    }
  }

  @Test
  @Section("11.13.5")
  void wrong_secrets_and_unknown_users_are_refused_with_0201(SecuredTarget target)
      throws Exception {
    assertThat(
            target.status(
                target.options("chap").withChap(Chap.Credentials.oneWay("alice", "guessed", 7))))
        .isEqualTo(0x0201);
    assertThat(
            target.status(
                target
                    .options("chap")
                    .withChap(Chap.Credentials.oneWay("mallory", SecuredTarget.SECRET, 7))))
        .isEqualTo(0x0201);
  }

  @Test
  @Section("11.13.5, 12.1")
  void without_CHAP_nobody_logs_in_where_it_is_required(SecuredTarget target) throws Exception {
    assertThat(target.status(target.options("chap").withAuthMethod("None"))).isEqualTo(0x0201);
    assertThat(target.status(target.options("chap").withAuthMethod("KRB5", "SRP")))
        .isEqualTo(0x0201);
    // Starting at the operational stage leaves authentication out.
    assertThat(target.status(target.options("chap").withAuthMethod())).isEqualTo(0x0201);
  }

  @Test
  @Section("11.13.5")
  void mutual_CHAP_that_the_target_cannot_answer_is_refused_with_0201(SecuredTarget target)
      throws Exception {
    assertThat(
            target.status(
                target.options("chap").withChap(SecuredTarget.USER.mutual("jtgt", "some secret"))))
        .isEqualTo(0x0201);
  }

  @Test
  @Section("12.1")
  void a_list_with_KRB5_and_SRP_ends_in_CHAP_or_None_as_configured(SecuredTarget target)
      throws Exception {
    assertThat(chosen(target, "chap", "KRB5,SRP,CHAP,None")).isEqualTo("CHAP");
    assertThat(chosen(target, "either", "KRB5,SRP,CHAP,None")).isEqualTo("CHAP");
    assertThat(chosen(target, "either", "SRP,None,CHAP")).isEqualTo("None");
    assertThat(chosen(target, "acl", "KRB5,CHAP,None")).isEqualTo("None");
  }

  private static String chosen(SecuredTarget target, String to, String offered) throws IOException {
    try (PduChannel channel = PduChannel.connect(target.portal())) {
      return step(channel, target.options(to).identity().plus("AuthMethod", offered), 0)
          .keys()
          .first("AuthMethod")
          .orElseThrow();
    }
  }

  private static Response.Login step(PduChannel channel, TextKeys keys, int statSn)
      throws IOException {
    channel.send(
        new Request.Login(
                false, false, 0, 0, 0, 0, 0x800000001234L, 0, 7, 0, 1, statSn, keys.encode())
            .toPdu());
    return (Response.Login) Response.of(channel.receive());
  }

  /** Logs in by hand up to the target's challenge. */
  private static Response.Login challenge(SecuredTarget target, PduChannel channel)
      throws IOException {
    step(channel, target.options("chap").identity().plus("AuthMethod", "CHAP"), 0);
    return step(channel, TextKeys.of("CHAP_A", "5"), 1);
  }

  @Test
  @Section("9.2.1")
  void each_challenge_is_fresh(SecuredTarget target) throws Exception {
    try (PduChannel one = PduChannel.connect(target.portal());
        PduChannel two = PduChannel.connect(target.portal())) {
      String first = challenge(target, one).keys().first("CHAP_C").orElseThrow();
      String second = challenge(target, two).keys().first("CHAP_C").orElseThrow();
      assertThat(first).hasSize(2 + 2 * 32).isNotEqualTo(second);
    }
  }

  @Test
  @Section("9.2.1")
  void a_reflected_challenge_is_not_answered(SecuredTarget target) throws Exception {
    try (PduChannel channel = PduChannel.connect(target.portal())) {
      TextKeys asked = challenge(target, channel).keys();
      Response.Login answer =
          step(
              channel,
              TextKeys.of(
                  "CHAP_N",
                  "bob",
                  "CHAP_R",
                  "0x" + HexFormat.of().formatHex(new byte[16]),
                  "CHAP_I",
                  "1",
                  "CHAP_C",
                  asked.first("CHAP_C").orElseThrow()),
              2);
      assertThat(answer.status()).isEqualTo(0x0201);
      assertThat(answer.keys().first("CHAP_R")).isEmpty();
    }
  }

  @Test
  @Section("12.1.3")
  void a_login_without_CHAP_N_or_with_a_malformed_CHAP_R_is_refused_with_0201(SecuredTarget target)
      throws Exception {
    for (TextKeys keys :
        new TextKeys[] {
          TextKeys.of("CHAP_R", "0x00"),
          TextKeys.of("CHAP_N", "alice"),
          TextKeys.of("CHAP_N", "alice", "CHAP_R", "not binary"),
          TextKeys.of("CHAP_N", "alice", "CHAP_R", "0x" + "00".repeat(1025))
        }) {
      try (PduChannel channel = PduChannel.connect(target.portal())) {
        challenge(target, channel);
        assertThat(step(channel, keys, 2).status()).as(keys.toString()).isEqualTo(0x0201);
      }
    }
  }

  @Test
  @Section("9.2.1")
  void no_secret_is_in_the_log_or_in_what_commands_show(SecuredTarget target) throws Exception {
    target.status(target.options("chap").withChap(SecuredTarget.USER));
    target.status(
        target.options("chap").withChap(Chap.Credentials.oneWay("alice", "wrong secret", 5)));
    String shown =
        target.log()
            + target.daemon().jtgt("list")
            + target.daemon().jtgt("show", "account", "alice")
            + target.daemon().jtgt("show", "account", "bobs");
    assertThat(shown)
        .contains("alice")
        .doesNotContain(SecuredTarget.SECRET)
        .doesNotContain(SecuredTarget.TARGET_SECRET)
        .doesNotContain("bob's very own secret")
        .doesNotContain("wrong secret");
  }

  @Test
  @Section("4.3, 12.1")
  void discovery_is_authenticated_when_an_account_is_for_it(SecuredTarget target) throws Exception {
    LoginOptions plain = LoginOptions.discovery(TestedTarget.freshInitiator());
    assertThat(target.status(plain)).isZero();
    target
        .daemon()
        .write(
            "org.jtgt.iscsi.account-finder",
            "secret=a secret to discover",
            "discovery=true",
            "targets=chap");
    try {
      SecuredTarget.eventually(() -> assertThat(target.status(plain)).isEqualTo(0x0201));
      Chap.Credentials finder = Chap.Credentials.oneWay("finder", "a secret to discover", 7);
      try (Session session = target.login(plain.withChap(finder))) {
        session.logout();
      }
      // An account of targets is none of discovery.
      assertThatThrownBy(() -> target.login(plain.withChap(SecuredTarget.USER)))
          .isInstanceOfSatisfying(
              LoginException.class, e -> assertThat(e.status()).isEqualTo(0x0201));
    } finally {
      target.daemon().remove("org.jtgt.iscsi.account-finder");
    }
    SecuredTarget.eventually(() -> assertThat(target.status(plain)).isZero());
  }

  @ParameterizedTest(name = "{0}")
  @Section("9.2.1, 13.1")
  @CsvSource(
      delimiter = '|',
      value = {
        "create account weak secret=short targets=acl | secret: a CHAP secret of 5 bytes; allowed: 12",
        "create access weak targets=acl addresses=192.0.2.0/33 | addresses: '192.0.2.0/33' is no",
        "create policy weak targets=acl redirect=http://other | redirect: 'http://other'; allowed",
        "set settings iscsi dataDigest=MD5 | dataDigest: 'MD5' is not allowed; allowed: None",
        "set settings isns server=a:b:c | server: 'a:b:c' is not allowed; allowed: HOST"
      })
  void a_command_with_a_wrong_value_is_refused_and_nothing_is_stored(
      String command, String told, SecuredTarget target) throws Exception {
    assertThat(target.daemon().jtgt(command.split(" "))).contains(told);
    assertThat(target.daemon().jtgt("list")).doesNotContain("weak", "failed");
    assertThat(target.status(target.options("acl").withAuthMethod("None"))).isZero();
  }

  @Test
  @Section("9.2.1")
  void an_account_whose_secret_is_below_96_bits_shuts_its_target(SecuredTarget target)
      throws Exception {
    target.daemon().write("org.jtgt.iscsi.account-weak", "secret=short", "targets=acl");
    try {
      SecuredTarget.eventually(() ->
          assertThat(target.status(target.options("acl").withAuthMethod("None")))
              .isEqualTo(0x0201));
      assertThat(
              target.status(
                  target.options("acl").withChap(Chap.Credentials.oneWay("weak", "short", 7))))
          .isEqualTo(0x0201);
      assertThat(target.daemon().jtgt("list")).contains("12 or more");
    } finally {
      target.daemon().remove("org.jtgt.iscsi.account-weak");
    }
    SecuredTarget.eventually(() -> assertThat(target.status(target.options("acl"))).isZero());
  }
}
