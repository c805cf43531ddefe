// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.ChapSecret;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.TextPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChapTest {
  private static final String SECRET = "twelve bytes at least";
  private static final String OWN_SECRET = "the target's own word";
  private static final LoginContext LOGIN =
      new LoginContext("iqn.i", InetAddress.getLoopbackAddress(), "iqn.t", "t");

  private final AtomicLong nanos = new AtomicLong();
  private final FailureLimit failures = new FailureLimit(nanos::get);
  private ChapCredential credential = new ChapCredential("user", secret(SECRET), Optional.empty());
  private List<ChapAlgorithm> accepted =
      List.of(ChapAlgorithm.SHA3_256, ChapAlgorithm.SHA256, ChapAlgorithm.SHA1, ChapAlgorithm.MD5);
  private int challengeBytes = 32;

  private final Chap.Users users =
      new Chap.Users() {
        @Override
        public Optional<ChapCredential> find(LoginContext login, String user) {
          return user.equals(credential.user()) ? Optional.of(credential) : Optional.empty();
        }

        @Override
        public FailureLimit failures() {
          return failures;
        }
      };

  private static ChapSecret secret(String text) {
    return new ChapSecret(text.getBytes(StandardCharsets.UTF_8));
  }

  private void mutual() {
    credential =
        new ChapCredential(
            "user",
            secret(SECRET),
            Optional.of(new ChapCredential.Own("target", secret(OWN_SECRET))));
  }

  private AuthMethod.Exchange begin() {
    return new Chap(new Chap.Options(accepted, challengeBytes), users, new SecureRandom())
        .begin(LOGIN);
  }

  private static AuthMethod.Step send(AuthMethod.Exchange exchange, String... pairs) {
    List<TextPair> list = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      list.add(new TextPair(pairs[i], pairs[i + 1]));
    }
    return exchange.step(list);
  }

  private static Map<String, String> challenge(AuthMethod.Exchange exchange, String algorithms) {
    AuthMethod.Step step = send(exchange, "CHAP_A", algorithms);
    return ((AuthMethod.Step.GoesOn) step)
        .answers().stream().collect(Collectors.toMap(TextPair::key, TextPair::value));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.substring(2));
  }

  private static byte[] digest(String name, String id, String secret, byte[] challenge)
      throws Exception {
    MessageDigest digest = MessageDigest.getInstance(name);
    digest.update((byte) Integer.parseInt(id));
    digest.update(secret.getBytes(StandardCharsets.UTF_8));
    return digest.digest(challenge);
  }

  private static String hex(byte[] bytes) {
    return "0x" + HexFormat.of().formatHex(bytes);
  }

  private static String response(Map<String, String> asked, String secret) throws Exception {
    String name =
        switch (the(asked, "CHAP_A")) {
          case "5" -> "MD5";
          case "6" -> "SHA-1";
          case "7" -> "SHA-256";
          default -> "SHA3-256";
        };
    return hex(digest(name, the(asked, "CHAP_I"), secret, bytes(the(asked, "CHAP_C"))));
  }

  private static void assertFails(AuthMethod.Step step, String reason) {
    assertThat(step).isInstanceOf(AuthMethod.Step.Failed.class);
    AuthMethod.Step.Failed failed = (AuthMethod.Step.Failed) step;
    assertThat(failed.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(failed.reason()).contains(reason).doesNotContain(SECRET).doesNotContain(OWN_SECRET);
  }

  @Test
  void theResponseIsTheDigestOfRfc1994() {
    // RFC 1994 4.1: MD5 over identifier, secret, challenge; computed with md5sum.
    byte[] response =
        ChapAlgorithm.MD5.response(1, secret("0123456789ab"), new byte[] {'c', 'h', 'a', 'l'});
    assertThat(HexFormat.of().formatHex(response)).isEqualTo("65cce17032a5691525325d6286c618c6");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "6", "7", "8"})
  void eachAlgorithmAuthenticates_12_1_3(String algorithm) throws Exception {
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, algorithm);
    assertThat(asked).containsEntry("CHAP_A", algorithm);
    assertThat(send(exchange, "CHAP_N", "user", "CHAP_R", response(asked, SECRET)))
        .isEqualTo(new AuthMethod.Step.Authenticated(List.of()));
  }

  @ParameterizedTest
  @CsvSource({"'5,6,7,8',8", "'5,7',7", "'7,5',7", "'99,5',5", "'0x5',5"})
  void theFirstOfTheTargetsOwnOrderIsChosen_12_1_3(String offered, String chosen) {
    assertThat(challenge(begin(), offered)).containsEntry("CHAP_A", chosen);
  }

  @Test
  void theConfiguredOrderDecides_12_1_3() {
    accepted = List.of(ChapAlgorithm.MD5, ChapAlgorithm.SHA3_256);
    assertThat(challenge(begin(), "8,7,6,5")).containsEntry("CHAP_A", "5");
    assertFails(send(begin(), "CHAP_A", "7,6"), "accepted");
  }

  @Test
  void noCommonAlgorithmFails_12_1_3() {
    assertFails(send(begin(), "CHAP_A", "9,10"), "CHAP_A=9,10");
  }

  @Test
  void challengesAreFreshAndOfTheConfiguredLength_12_1_3() {
    challengeBytes = 1024;
    byte[] one = bytes(the(challenge(begin(), "5"), "CHAP_C"));
    byte[] two = bytes(the(challenge(begin(), "5"), "CHAP_C"));
    assertThat(one).hasSize(1024).isNotEqualTo(two);
    challengeBytes = 1;
    assertThat(bytes(the(challenge(begin(), "5"), "CHAP_C"))).hasSize(1);
  }

  @Test
  void aResponseInBase64IsTakenToo_6_1() throws Exception {
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, "7");
    String base64 = "0b" + Base64.getEncoder().encodeToString(bytes(response(asked, SECRET)));
    assertThat(send(exchange, "CHAP_N", "user", "CHAP_R", base64))
        .isInstanceOf(AuthMethod.Step.Authenticated.class);
  }

  @Test
  void aWrongSecretAndAnUnknownUserFailAlike_11_13_5() throws Exception {
    AuthMethod.Exchange exchange = begin();
    assertFails(
        send(exchange, "CHAP_N", "user", "CHAP_R", response(challenge(exchange, "5"), "guess")),
        "wrong name or secret");
    AuthMethod.Exchange other = begin();
    assertFails(
        send(other, "CHAP_N", "nobody", "CHAP_R", response(challenge(other, "5"), SECRET)),
        "wrong name or secret");
  }

  @Test
  void theStandInForAnUnknownUsersSecretOpensNothing() throws Exception {
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, "5");
    assertFails(
        send(exchange, "CHAP_N", "nobody", "CHAP_R", response(asked, "nobody has this secret")),
        "wrong name or secret");
  }

  @Test
  void aResponseToAnotherChallengeFails_12_1_3() throws Exception {
    String replayed = response(challenge(begin(), "5"), SECRET);
    AuthMethod.Exchange exchange = begin();
    challenge(exchange, "5");
    assertFails(send(exchange, "CHAP_N", "user", "CHAP_R", replayed), "wrong");
  }

  @Test
  void whatIsMissingMisplacedRepeatedOrMalformedFails_12_1_3() throws Exception {
    assertFails(send(begin(), "CHAP_N", "user"), "CHAP_N came at the wrong time");
    assertFails(send(begin(), "CHAP_A", "5", "CHAP_A", "5"), "CHAP_A was sent twice");
    for (String[] wrong :
        new String[][] {
          {"CHAP_R", "0x00"},
          {"CHAP_N", "user"},
          {"CHAP_N", "user", "CHAP_R", "12"},
          {"CHAP_N", "user", "CHAP_R", "0xzz"},
          {"CHAP_N", "user", "CHAP_R", "0x00", "CHAP_I", "1"},
          {"CHAP_N", "user", "CHAP_R", "0x00", "CHAP_C", "0x00"},
          {"CHAP_N", "user", "CHAP_R", "0x00", "CHAP_I", "256", "CHAP_C", "0x00"},
          {"CHAP_N", "user", "CHAP_R", "0x00", "CHAP_I", "1", "CHAP_C", "0x" + "00".repeat(1025)},
          {"CHAP_N", "user", "CHAP_R", "0x" + "00".repeat(1025)},
          {"CHAP_A", "5"},
          {}
        }) {
      AuthMethod.Exchange exchange = begin();
      challenge(exchange, "5");
      assertThat(send(exchange, wrong))
          .as(String.join(" ", wrong))
          .isInstanceOf(AuthMethod.Step.Failed.class);
    }
  }

  @Test
  void theTargetProvesItselfWhenItIsAsked_12_1_3() throws Exception {
    mutual();
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, "7");
    byte[] mine = "my challenge".getBytes(StandardCharsets.UTF_8);
    AuthMethod.Step step =
        send(
            exchange,
            "CHAP_N",
            "user",
            "CHAP_R",
            response(asked, SECRET),
            "CHAP_I",
            "200",
            "CHAP_C",
            hex(mine));
    assertThat(step)
        .isEqualTo(
            new AuthMethod.Step.Authenticated(
                List.of(
                    new TextPair("CHAP_N", "target"),
                    new TextPair("CHAP_R", hex(digest("SHA-256", "200", OWN_SECRET, mine))))));
  }

  @Test
  void aTargetWithoutSecretCannotProveItself_11_13_5() throws Exception {
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, "7");
    assertFails(
        send(
            exchange,
            "CHAP_N",
            "user",
            "CHAP_R",
            response(asked, SECRET),
            "CHAP_I",
            "1",
            "CHAP_C",
            "0x0102"),
        "not configured");
  }

  @Test
  void theTargetsOwnChallengeIsNotAnswered_9_2_1() throws Exception {
    mutual();
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, "7");
    assertFails(
        send(
            exchange,
            "CHAP_N",
            "user",
            "CHAP_R",
            response(asked, SECRET),
            "CHAP_I",
            "9",
            "CHAP_C",
            the(asked, "CHAP_C")),
        "challenge back");
  }

  @Test
  void theTargetsOwnResponseDoesNotAuthenticate_9_2_1() throws Exception {
    mutual();
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, "7");
    assertFails(send(exchange, "CHAP_N", "user", "CHAP_R", response(asked, OWN_SECRET)), "wrong");
  }

  @Test
  void whoeverGuessesTooOftenWaitsButNobodyElse() throws Exception {
    for (int i = 0; i < FailureLimit.BURST; i++) {
      AuthMethod.Exchange exchange = begin();
      challenge(exchange, "5");
      send(exchange, "CHAP_N", "user", "CHAP_R", "0x00");
    }
    AuthMethod.Exchange exchange = begin();
    Map<String, String> asked = challenge(exchange, "5");
    AuthMethod.Step step = send(exchange, "CHAP_N", "user", "CHAP_R", response(asked, SECRET));
    assertThat(((AuthMethod.Step.Failed) step).status()).isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
    assertThat(failures.take(InetAddress.ofLiteral("192.0.2.1"))).isTrue();
    nanos.addAndGet(FailureLimit.SECONDS * 1_000_000_000L);
    AuthMethod.Exchange later = begin();
    asked = challenge(later, "5");
    assertThat(send(later, "CHAP_N", "user", "CHAP_R", response(asked, SECRET)))
        .isInstanceOf(AuthMethod.Step.Authenticated.class);
  }

  @Test
  void rightAnswersAreNotCounted() throws Exception {
    for (int i = 0; i < 3 * FailureLimit.BURST; i++) {
      AuthMethod.Exchange exchange = begin();
      Map<String, String> asked = challenge(exchange, "5");
      assertThat(send(exchange, "CHAP_N", "user", "CHAP_R", response(asked, SECRET)))
          .isInstanceOf(AuthMethod.Step.Authenticated.class);
    }
  }

  @Test
  void anIpv6HostCountsByItsNetwork() {
    for (int i = 0; i < FailureLimit.BURST; i++) {
      assertThat(failures.take(InetAddress.ofLiteral("2001:db8::" + i))).isTrue();
    }
    assertThat(failures.take(InetAddress.ofLiteral("2001:db8::ffff"))).isFalse();
    assertThat(failures.take(InetAddress.ofLiteral("2001:db8:1::1"))).isTrue();
  }

  @Test
  void noTextShowsASecret() {
    mutual();
    assertThat(credential.toString()).doesNotContain(SECRET).doesNotContain(OWN_SECRET);
  }

  /** The value of a key that has to be there. */
  private static String the(Map<String, String> keys, String key) {
    return Objects.requireNonNull(keys.get(key), key);
  }
}
