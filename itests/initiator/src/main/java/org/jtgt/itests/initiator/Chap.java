// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** The initiator's side of CHAP (RFC 7143 12.1.3, RFC 1994), one-way or mutual. */
public final class Chap {

  /**
   * Names, secrets and the offered algorithms.
   *
   * @param algorithms CHAP_A numbers in order of preference: 5 MD5, 6 SHA1, 7 SHA-256, 8 SHA3-256
   * @param targetName and {@code targetSecret}: present for mutual CHAP
   */
  public record Credentials(
      String name,
      byte[] secret,
      List<Integer> algorithms,
      Optional<String> targetName,
      Optional<byte[]> targetSecret) {

    public static Credentials oneWay(String name, String secret, Integer... algorithms) {
      return new Credentials(
          name,
          secret.getBytes(StandardCharsets.UTF_8),
          List.of(algorithms),
          Optional.empty(),
          Optional.empty());
    }

    /** These credentials and the demand that the target proves itself. */
    public Credentials mutual(String targetName, String targetSecret) {
      return new Credentials(
          name,
          secret,
          algorithms,
          Optional.of(targetName),
          Optional.of(targetSecret.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private final Credentials credentials;
  private final byte[] challenge = new byte[32];
  private final int identifier = ThreadLocalRandom.current().nextInt(256);
  private int algorithm;

  Chap(Credentials credentials) {
    this.credentials = credentials;
    ThreadLocalRandom.current().nextBytes(challenge);
  }

  /** The list for CHAP_A. */
  String offer() {
    return String.join(",", credentials.algorithms().stream().map(Object::toString).toList());
  }

  /** Answers the target's CHAP_A, CHAP_I and CHAP_C. */
  TextKeys respond(TextKeys keys) {
    algorithm = Integer.parseInt(require(keys, "CHAP_A"));
    if (!credentials.algorithms().contains(algorithm)) {
      throw new ProtocolViolation("12.1.3", "CHAP_A=" + algorithm + " was not offered");
    }
    int id = Integer.decode(require(keys, "CHAP_I"));
    byte[] theirs = binary(require(keys, "CHAP_C"));
    TextKeys answer =
        TextKeys.of(
            "CHAP_N", credentials.name(),
            "CHAP_R", hex(response(algorithm, id, credentials.secret(), theirs)));
    if (credentials.targetSecret().isPresent()) {
      answer = answer.plus("CHAP_I", Integer.toString(identifier)).plus("CHAP_C", hex(challenge));
    }
    return answer;
  }

  /**
   * Checks the target's own response.
   *
   * @throws ProtocolViolation if mutual CHAP was asked for and the target did not prove itself
   */
  void verifyTarget(TextKeys keys) {
    if (credentials.targetSecret().isEmpty()) {
      return;
    }
    byte[] expected = response(algorithm, identifier, credentials.targetSecret().get(), challenge);
    if (!require(keys, "CHAP_N").equals(credentials.targetName().orElseThrow())
        || !Arrays.equals(expected, binary(require(keys, "CHAP_R")))) {
      throw new ProtocolViolation("12.1.3", "the target's CHAP response is wrong");
    }
  }

  /** Digest over identifier, secret and challenge (RFC 1994 4.1). */
  static byte[] response(int algorithm, int id, byte[] secret, byte[] challenge) {
    String name =
        switch (algorithm) {
          case 5 -> "MD5";
          case 6 -> "SHA-1";
          case 7 -> "SHA-256";
          case 8 -> "SHA3-256";
          default -> throw new IllegalArgumentException("CHAP algorithm " + algorithm);
        };
    try {
      MessageDigest digest = MessageDigest.getInstance(name);
      digest.update((byte) id);
      digest.update(secret);
      return digest.digest(challenge);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A binary value in hexadecimal (0x) or base64 (0b) notation (RFC 7143 6.1). */
  static byte[] binary(String value) {
    String digits = value.substring(2);
    if (value.startsWith("0b") || value.startsWith("0B")) {
      return Base64.getDecoder().decode(digits);
    }
    return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
  }

  static String hex(byte[] value) {
    return "0x" + HexFormat.of().formatHex(value);
  }

  private static String require(TextKeys keys, String key) {
    return keys.first(key)
        .orElseThrow(() -> new ProtocolViolation("12.1.3", "the target sent no " + key));
  }
}
