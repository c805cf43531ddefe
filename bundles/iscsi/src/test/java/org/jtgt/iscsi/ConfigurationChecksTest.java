// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused before it is stored: the value and what is allowed, in one line. */
class ConfigurationChecksTest {
  private static final String ACCOUNT = AccessControl.ACCOUNT;

  private final AccessControl control = new AccessControl();
  private final ConfigurationChecks checks = new ConfigurationChecks(control);

  private Optional<String> problem(String type, Map<String, Object> values) {
    return checks.problem(type, type + "~x", values);
  }

  private String access(String key, String... texts) {
    Map<String, Object> values = new HashMap<>(Map.of("targets", new String[] {"t0"}));
    values.put(key, texts);
    return problem(AccessControl.ACCESS, values).orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "addresses, not an address, 'addresses: .not an address. is no address; allowed: an IP.*'",
    "addresses, 192.0.2.0/33, 'addresses: .192.0.2.0/33. is no address; allowed: .*'",
    "addresses, 192.0.2.256, 'addresses: .192.0.2.256. is no address; allowed: .*'",
    "initiators, two names, 'initiators: .two names. is no name; allowed: .*'",
    "luns, zero, 'luns: .zero.; allowed: LUN:logical-unit.*'",
    "luns, 16384:disk0, 'luns: .16384:disk0.; allowed: LUN:logical-unit.*'"
  })
  void aWrongRuleTellsItsKeyItsValueAndWhatIsAllowed(String key, String text, String told) {
    assertThat(access(key, text)).matches(told);
  }

  @Test
  void aRightRuleHasNoProblem() {
    assertThat(access("addresses", "192.0.2.0/24", "2001:db8::/32")).isEmpty();
    assertThat(access("initiators", "iqn.2026-11.org.example:*")).isEmpty();
    assertThat(access("luns", "0:disk0", "1:disk1")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "secret, short, 'secret: a CHAP secret of 5 bytes; allowed: 12 or more.*'",
    "secret, 0x1234, 'secret: a CHAP secret of 2 bytes; allowed: 12 or more.*'",
    "secret, 0xnothexatall, 'secret: a secret begins as a binary value but is none; allowed: .*'",
    "targetSecret, tiny, 'secret: .*|no secret; allowed: secret or secretFile|targetSecret: .*'",
    "secretFile, /nonexistent/secret, 'secret: /nonexistent/secret cannot be read.*'"
  })
  void aSecretThatCannotBeOneIsNotShown(String key, String text, String told) {
    String problem = problem(ACCOUNT, Map.of(key, text)).orElse("");

    assertThat(problem).matches(told);
    if (!key.endsWith("File")) {
      assertThat(problem).doesNotContain(text);
    }
  }

  @Test
  void aSecretFileThatOthersReadIsRefused(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "a secret of the file\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(problem(ACCOUNT, Map.of("secretFile", file.toString())).orElse(""))
        .contains("can be read or written by others; allowed: mode 0640");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(problem(ACCOUNT, Map.of("secretFile", file.toString()))).isEmpty();
  }

  @Test
  void oneSecretForBothDirectionsIsRefused_9_2_1() {
    Map<String, Object> both =
        Map.of("secret", "the very same secret", "targetSecret", "the very same secret");
    assertThat(problem(ACCOUNT, both).orElse("")).doesNotContain("very same").isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "redirect, 'http://other', redirect: .http://other.; allowed: address or address:port",
    "headerDigest, CRC32, headerDigest: CRC32; allowed: None.*",
    "maxBurstLength, 511, maxBurstLength: 511; allowed: 512 to 16777215"
  })
  void aWrongPolicyTellsItsKeyItsValueAndWhatIsAllowed(String key, String text, String told) {
    assertThat(problem(AccessControl.POLICY, Map.of(key, text)).orElse("")).matches(told);
  }

  @Test
  void discoveryHasNoTarget() {
    Map<String, Object> values = Map.of("discoveryAuth", "chap", "targets", new String[] {"t0"});
    assertThat(problem(AccessControl.POLICY, values).orElse("")).startsWith("discoveryAuth: ");
  }

  @Test
  void theTransportsDefaultsAreWellAndWrongDigestsAreNot() {
    assertThat(checks.problem(IscsiTransport.PID, IscsiTransport.PID, Map.of())).isEmpty();
    assertThat(
            checks.problem(
                IscsiTransport.PID, IscsiTransport.PID, Map.of("dataDigest", new String[] {"MD5"})))
        .hasValueSatisfying(told -> assertThat(told).startsWith("dataDigest: MD5; allowed: None"));
    assertThat(
            checks.problem(
                IscsiTransport.PID,
                IscsiTransport.PID,
                Map.of("chapAlgorithms", new String[] {"SHA256"})))
        .contains("chapAlgorithms: SHA256; allowed: MD5, SHA1, SHA-256, SHA3-256");
  }

  @Test
  void whatIsNotItsOwnIsNotJudged() {
    assertThat(problem("org.example", Map.of("secret", "short"))).isEmpty();
  }
}
