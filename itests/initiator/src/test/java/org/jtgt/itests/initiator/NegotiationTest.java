// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The login state machine and key rules without a socket. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NegotiationTest {
  private static final LoginOptions OPTIONS = LoginOptions.normal("iqn.i", "iqn.t");

  @Test
  void text_is_pairs_that_end_in_zero_bytes() {
    byte[] text = "A=1\0B=x=y\0A=2\0".getBytes(StandardCharsets.UTF_8);

    TextKeys keys = TextKeys.parse(text);
    assertThat(keys.all("A")).containsExactly("1", "2");
    assertThat(keys.first("B")).hasValue("x=y");
    assertThat(keys.encode()).isEqualTo(text);
    assertThatThrownBy(() -> TextKeys.parse("A=1".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void a_login_goes_from_security_to_operational_to_full_feature() {
    LoginNegotiator negotiator = new LoginNegotiator(OPTIONS.with("MaxBurstLength", 4096));

    LoginNegotiator.Step first = negotiator.first();
    assertThat(first.csg()).isEqualTo(LoginNegotiator.SECURITY);
    assertThat(first.transit()).isTrue();
    assertThat(first.keys().first("AuthMethod")).hasValue("None");

    LoginNegotiator.Step second =
        negotiator.next(TextKeys.of("AuthMethod", "None"), true, 0, 1).orElseThrow();
    assertThat(second.csg()).isEqualTo(LoginNegotiator.OPERATIONAL);
    assertThat(second.nsg()).isEqualTo(LoginNegotiator.FULL_FEATURE);

    TextKeys answer =
        TextKeys.of(
            "MaxBurstLength", "2048",
            "InitialR2T", "Yes",
            "MaxRecvDataSegmentLength", "1024",
            "DataDigest", "None");
    assertThat(negotiator.next(answer, true, 1, 3)).isEmpty();
    assertThat(negotiator.parameters().maxBurst()).isEqualTo(2048);
    assertThat(negotiator.parameters().targetMaxRecv()).isEqualTo(1024);
    assertThat(negotiator.parameters().firstBurst()).isEqualTo(65536);
  }

  @Test
  void an_answer_above_a_minimum_is_a_violation() {
    LoginNegotiator negotiator =
        new LoginNegotiator(OPTIONS.withAuthMethod().with("MaxBurstLength", 4096));
    negotiator.first();

    assertThatThrownBy(() -> negotiator.next(TextKeys.of("MaxBurstLength", "8192"), true, 1, 3))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("MaxBurstLength");
  }

  @Test
  void an_offer_whose_result_is_certain_needs_no_answer() {
    LoginNegotiator negotiator =
        new LoginNegotiator(
            OPTIONS.withAuthMethod().with("ImmediateData", "No").with("InitialR2T", "No"));
    negotiator.first();

    assertThat(negotiator.next(TextKeys.EMPTY, true, 1, 3)).isEmpty();
    assertThat(negotiator.parameters().immediateData()).isFalse();
    assertThat(negotiator.parameters().initialR2t()).isTrue();
  }

  @Test
  void a_targets_own_offer_is_answered_before_the_stage_ends() {
    LoginNegotiator negotiator =
        new LoginNegotiator(OPTIONS.withAuthMethod().without("MaxOutstandingR2T"));
    negotiator.first();

    TextKeys offer = TextKeys.of("MaxOutstandingR2T", "9", "X-org.example", "1");
    LoginNegotiator.Step step = negotiator.next(offer, false, 1, 0).orElseThrow();
    assertThat(step.keys().first("MaxOutstandingR2T")).hasValue("1");
    assertThat(step.keys().first("X-org.example")).hasValue("NotUnderstood");
    assertThat(step.transit()).isTrue();
  }

  @Test
  void a_chap_login_sends_the_response_of_rfc_1994() {
    LoginNegotiator negotiator =
        new LoginNegotiator(OPTIONS.withChap(Chap.Credentials.oneWay("me", "secret", 7, 5)));

    assertThat(negotiator.first().transit()).isFalse();
    LoginNegotiator.Step algorithms =
        negotiator.next(TextKeys.of("AuthMethod", "CHAP"), false, 0, 0).orElseThrow();
    assertThat(algorithms.keys().first("CHAP_A")).hasValue("7,5");
    assertThat(algorithms.transit()).isFalse();
    LoginNegotiator.Step response =
        negotiator
            .next(TextKeys.of("CHAP_A", "5", "CHAP_I", "16", "CHAP_C", "0x0102"), false, 0, 0)
            .orElseThrow();
    assertThat(response.transit()).isTrue();
    // printf '\x10secret\x01\x02' | md5sum
    assertThat(response.keys().first("CHAP_R")).hasValue("0xfe47fbabca5b83e725d7f792cc181b80");
  }

  @Test
  void a_target_that_fails_mutual_chap_is_not_trusted() {
    LoginNegotiator negotiator =
        new LoginNegotiator(
            OPTIONS.withChap(Chap.Credentials.oneWay("me", "secret", 5).mutual("t", "other")));
    negotiator.first();
    negotiator.next(TextKeys.of("AuthMethod", "CHAP"), false, 0, 0);
    negotiator.next(TextKeys.of("CHAP_A", "5", "CHAP_I", "1", "CHAP_C", "0x01"), false, 0, 0);

    TextKeys wrong = TextKeys.of("CHAP_N", "t", "CHAP_R", "0x" + "00".repeat(16));
    assertThatThrownBy(() -> negotiator.next(wrong, true, 0, 1))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void binary_values_come_in_hexadecimal_or_base64() {
    assertThat(HexFormat.of().formatHex(Chap.binary("0x1ff"))).isEqualTo("01ff");
    assertThat(HexFormat.of().formatHex(Chap.binary("0bAf8="))).isEqualTo("01ff");
  }
}
