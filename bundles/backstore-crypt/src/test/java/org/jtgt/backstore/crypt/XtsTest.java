// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The vectors of IEEE 1619 annex B, for both implementations. */
class XtsTest {
  private record Vector(String key, long unit, String plain, String cipher) {}

  private static final String COUNTING = counting();

  private static String counting() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 512; i++) {
      text.append("%02x".formatted(i & 0xFF));
    }
    return text.toString();
  }

  private static Stream<Vector> vectors() {
    return Stream.of(
        // Vector 1
        new Vector(
            "00".repeat(32),
            0,
            "00".repeat(32),
            "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e"),
        // Vector 2
        new Vector(
            "11".repeat(16) + "22".repeat(16),
            0x3333333333L,
            "44".repeat(32),
            "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"),
        // Vector 3
        new Vector(
            "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0" + "22".repeat(16),
            0x3333333333L,
            "44".repeat(32),
            "af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89"));
  }

  private static byte[] crypt(Xts xts, boolean encrypt, byte[] data, int unitBytes, long unit) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(data.length).put(data).flip();
    xts.crypt(encrypt, buffer, unitBytes, unit);
    byte[] result = new byte[data.length];
    buffer.get(0, result);
    return result;
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void theJdksAesGivesTheVectorsOfIeee1619(Vector vector) {
    check(new JavaXts(HexFormat.of().parseHex(vector.key())), vector);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void openSslGivesTheVectorsOfIeee1619(Vector vector) {
    org.junit.jupiter.api.Assumptions.assumeTrue(OpenSslXts.available());
    // OpenSSL refuses equal halves (vector 1), as NIST SP 800-38E has it.
    if (!vector.key().equals("00".repeat(32))) {
      check(new OpenSslXts(HexFormat.of().parseHex(vector.key())), vector);
    }
  }

  private static void check(Xts xts, Vector vector) {
    byte[] plain = HexFormat.of().parseHex(vector.plain());
    byte[] cipher = crypt(xts, true, plain, plain.length, vector.unit());
    assertThat(HexFormat.of().formatHex(cipher)).isEqualTo(vector.cipher());
    assertThat(crypt(xts, false, cipher, plain.length, vector.unit())).isEqualTo(plain);
    xts.close();
  }

  /** Vector 10: AES-256, 512 bytes, data unit FFh. */
  private static final String KEY_10 =
      "2718281828459045235360287471352662497757247093699959574966967627"
          + "3141592653589793238462643383279502884197169399375105820974944592";

  private static final String CIPHER_10_BEGINS =
      "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b";

  @Test
  void vector10OfAes256Begins() {
    byte[] plain = HexFormat.of().parseHex(COUNTING);
    Xts xts = new JavaXts(HexFormat.of().parseHex(KEY_10));
    String cipher = HexFormat.of().formatHex(crypt(xts, true, plain, 512, 0xFF));
    assertThat(cipher).startsWith(CIPHER_10_BEGINS);
  }

  @Test
  void bothGiveTheSameForManyUnitsAndKeys() {
    org.junit.jupiter.api.Assumptions.assumeTrue(OpenSslXts.available());
    Random random = new Random(1619);
    for (int i = 0; i < 20; i++) {
      byte[] key = new byte[64];
      random.nextBytes(key);
      byte[] plain = new byte[8 * 512];
      random.nextBytes(plain);
      long unit = random.nextLong() >>> 1;
      Xts java = new JavaXts(key);
      Xts openSsl = new OpenSslXts(key);
      byte[] cipher = crypt(openSsl, true, plain, 512, unit);
      assertThat(cipher).isEqualTo(crypt(java, true, plain, 512, unit)).isNotEqualTo(plain);
      assertThat(crypt(java, false, cipher, 512, unit)).isEqualTo(plain);
      assertThat(crypt(openSsl, false, cipher, 512, unit)).isEqualTo(plain);
      java.close();
      openSsl.close();
    }
  }
}
