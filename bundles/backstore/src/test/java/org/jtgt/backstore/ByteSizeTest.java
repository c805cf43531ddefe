// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "512B, 512",
    "1K, 1024",
    "1k, 1024",
    "10M, 10485760",
    "1GiB, 1073741824",
    "1 Gi, 1073741824",
    "2TB, 2199023255552",
    "1P, 1125899906842624",
    "8191P, 9222246136947933184",
  })
  void units_are_powers_of_1024(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "K", "-1", "1.5G", "1X", "1 G B", "0x10", "iB", "10iB", "1E"})
  void what_is_not_a_size_is_refused_with_the_text_and_what_is_allowed(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parse(text))
        .withMessage(
            "'%s' is not a size: a whole number of bytes, or of K, M, G, T, P (powers of 1024)",
            text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8192P", "9223372036854775808", "9999999999999999999"})
  void a_size_beyond_63_bits_is_refused_not_wrapped(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parse(text))
        .withMessageContaining("too large");
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,1", "1024,1K", "1536,1536", "1610612736,1536M", "2199023255552,2T"})
  void it_prints_the_largest_exact_unit(long bytes, String text) {
    assertThat(new ByteSize(bytes)).hasToString(text);
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @Test
  void a_stores_size_is_a_positive_multiple_of_512_and_a_refusal_names_the_key() {
    assertThat(ByteSize.parseStoreSize("size", "1M")).isEqualTo(1 << 20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parseStoreSize("size", "0"))
        .withMessage("size: '0' is not a positive multiple of 512 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parseStoreSize("size", "1000"))
        .withMessage("size: '1000' is not a positive multiple of 512 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parseStoreSize("size", "big"))
        .withMessageStartingWith("size: 'big' is not a size");
  }

  @Test
  void sizes_compare_by_bytes() {
    assertThat(ByteSize.parse("1025")).isGreaterThan(ByteSize.parse("1K"));
  }
}
