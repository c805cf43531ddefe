// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jtgt.iscsi.access.Policy.Authentication;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.ChapSecret;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private final LoginRules rules = new LoginRules();

  private static Asker asker(String initiator, String peer) {
    return new Asker(initiator, InetAddress.ofLiteral(peer), "iqn.target", "t0", "p0");
  }

  private static List<NamePattern> names(String... texts) {
    return Stream.of(texts).map(NamePattern::new).toList();
  }

  private static AccessRule rule(String name, List<NamePattern> initiators, String... addresses) {
    return new AccessRule(
        name,
        "pid~" + name,
        names("t0"),
        initiators,
        Stream.of(addresses).map(AddressRange::parse).toList(),
        Optional.empty(),
        false,
        0,
        "");
  }

  @ParameterizedTest
  @CsvSource({
    "iqn.a,iqn.a,true",
    "iqn.a,IQN.A,true",
    "iqn.a,iqn.ab,false",
    "iqn.*,iqn.,true",
    "iqn.*:db?,iqn.2026-11.x:db1,true",
    "iqn.*:db?,iqn.2026-11.x:db,false",
    "*a*b,xaxxbxb,true",
    "*a*b,xaxxbx,false",
    "*,anything,true"
  })
  void aPatternMatchesNames(String pattern, String name, boolean matches) {
    assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void manyStarsTakeNoLongTime() {
    assertThat(new NamePattern("*a".repeat(60) + "b").matches("a".repeat(223))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7,192.0.2.7,true",
    "192.0.2.7,192.0.2.8,false",
    "192.0.2.0/25,192.0.2.127,true",
    "192.0.2.0/25,192.0.2.128,false",
    "0.0.0.0/0,203.0.113.9,true",
    "0.0.0.0/0,2001:db8::1,false",
    "2001:db8::/33,2001:db8:7fff::1,true",
    "2001:db8::/33,2001:db8:8000::1,false",
    "192.0.2.0/24,::ffff:192.0.2.9,true"
  })
  void aRangeContainsAddresses(String range, String address, boolean contained) {
    assertThat(AddressRange.parse(range).contains(InetAddress.ofLiteral(address)))
        .isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host.example", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/24/1"})
  void whatIsNoRangeIsRefused(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("allowed");
  }

  @Test
  void aTargetWithoutRuleIsOpenAndOneWithARuleIsNot() {
    Asker asker = asker("iqn.i", "192.0.2.1");
    assertThat(rules.guarded(asker)).isFalse();
    rules.put(rule("r", names("iqn.other")));
    assertThat(rules.guarded(asker)).isTrue();
    assertThat(rules.admitting(asker)).isEmpty();
    rules.remove("pid~r");
    assertThat(rules.guarded(asker)).isFalse();
  }

  @Test
  void nameAndAddressBothHaveToMatch() {
    rules.put(rule("r", names("iqn.i"), "192.0.2.0/24"));
    assertThat(rules.admitting(asker("iqn.i", "192.0.2.1"))).isPresent();
    assertThat(rules.admitting(asker("iqn.i", "198.51.100.1"))).isEmpty();
    assertThat(rules.admitting(asker("iqn.j", "192.0.2.1"))).isEmpty();
  }

  @Test
  void theRuleThatNamesTheInitiatorMostCloselyCounts() {
    rules.put(rule("a-any", List.of()));
    rules.put(rule("b-some", names("iqn.*")));
    rules.put(rule("c-one", names("iqn.i")));
    assertThat(rules.admitting(asker("iqn.i", "192.0.2.1")).orElseThrow().name())
        .isEqualTo("c-one");
    assertThat(rules.admitting(asker("iqn.j", "192.0.2.1")).orElseThrow().name())
        .isEqualTo("b-some");
    assertThat(rules.admitting(asker("eui.1", "192.0.2.1")).orElseThrow().name())
        .isEqualTo("a-any");
  }

  @Test
  void aWrongRuleShutsItsTarget() {
    AccessRule well = rule("r", names("iqn.i"));
    rules.put(
        new AccessRule(
            well.name(),
            well.pid(),
            well.targets(),
            well.initiators(),
            well.addresses(),
            well.luns(),
            false,
            0,
            "addresses: nonsense"));
    assertThat(rules.guarded(asker("iqn.i", "192.0.2.1"))).isTrue();
    assertThat(rules.admitting(asker("iqn.i", "192.0.2.1"))).isEmpty();
  }

  private static Policy policy(
      String name,
      List<NamePattern> targets,
      List<NamePattern> portals,
      Optional<Authentication> auth,
      Map<Key, String> values) {
    return new Policy(
        name,
        "pid~" + name,
        targets,
        portals,
        auth,
        Optional.empty(),
        values,
        Optional.empty(),
        Optional.empty(),
        "");
  }

  @Test
  void theClosestPolicySaysEachKeyAndTheOthersTheRest() {
    rules.put(
        policy(
            "all",
            List.of(),
            List.of(),
            Optional.of(Authentication.CHAP),
            Map.of(Key.MAX_BURST_LENGTH, "1024", Key.FIRST_BURST_LENGTH, "1024")));
    rules.put(
        policy(
            "portal", List.of(), names("p0"), Optional.empty(), Map.of(Key.DATA_DIGEST, "None")));
    rules.put(
        policy(
            "target",
            names("t0"),
            List.of(),
            Optional.of(Authentication.NONE),
            Map.of(Key.MAX_BURST_LENGTH, "2048")));
    rules.put(policy("other", names("t9"), List.of(), Optional.of(Authentication.CHAP), Map.of()));
    Terms general =
        new Terms(
            Authentication.AUTO,
            Map.of(Key.MAX_BURST_LENGTH, "4096", Key.MAX_OUTSTANDING_R2T, "8"),
            0,
            Optional.empty(),
            "");
    Terms terms = rules.terms(asker("iqn.i", "192.0.2.1"), general);
    assertThat(terms.auth()).isEqualTo(Authentication.NONE);
    assertThat(terms.values())
        .containsEntry(Key.MAX_BURST_LENGTH, "2048")
        .containsEntry(Key.FIRST_BURST_LENGTH, "1024")
        .containsEntry(Key.DATA_DIGEST, "None")
        .containsEntry(Key.MAX_OUTSTANDING_R2T, "8");
  }

  private static ChapCredential credential(String secret, Optional<String> own) {
    return new ChapCredential(
        "u",
        SecretText.parse(secret),
        own.map(text -> new ChapCredential.Own("t", SecretText.parse(text))));
  }

  private static Account account(String name, Optional<ChapCredential> credential) {
    return new Account(name, "pid~" + name, "u", credential, names("t0"), List.of(), false, "");
  }

  @Test
  void anAccountGuardsItsTargetEvenWhenItCannotBeUsed() {
    LoginContext login =
        new LoginContext("iqn.i", InetAddress.getLoopbackAddress(), "iqn.target", "t0");
    rules.put(account("broken", Optional.empty()));
    assertThat(rules.guards(login)).isTrue();
    assertThat(rules.find(login, "u")).isEmpty();
    LoginContext discovery = new LoginContext("iqn.i", login.peer(), "", "");
    assertThat(rules.guards(discovery)).isFalse();
  }

  @Test
  void aSecretThatProvesInitiatorsDoesNotProveTargets_9_2_1() {
    LoginContext login =
        new LoginContext("iqn.i", InetAddress.getLoopbackAddress(), "iqn.target", "t0");
    rules.put(account("a", Optional.of(credential("initiator secret", Optional.empty()))));
    assertThat(rules.find(login, "u")).isPresent();
    rules.put(
        account("b", Optional.of(credential("another secret", Optional.of("initiator secret")))));
    assertThat(rules.find(login, "u")).isEmpty();
    assertThatThrownBy(() -> credential("the same secret", Optional.of("the same secret")))
        .hasMessageContaining("9.2.1")
        .hasMessageNotContaining("the same secret");
  }

  @Test
  void secretsAreTextHexOrBase64_6_1() {
    ChapSecret text = SecretText.parse("Hello, World!");
    assertThat(SecretText.parse("0x48656c6c6f2c20576f726c6421")).isEqualTo(text);
    assertThat(SecretText.parse("0bSGVsbG8sIFdvcmxkIQ==")).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "0x0102030405060708090a0b", "0xnot hex at all......", "0b!!!!"})
  void aSecretBelow96BitsOrMalformedIsRefusedUnseen_9_2_1(String text) {
    assertThatThrownBy(() -> SecretText.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(text);
  }

  @Test
  void aSecretFileThatOthersCanReadIsRefused(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "a secret of a file\nand more\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> SecretText.read(file))
        .hasMessageContaining("others")
        .hasMessageNotContaining("a secret of a file");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(SecretText.read(file)).isEqualTo(SecretText.parse("a secret of a file"));
  }
}
