// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Sense data written by hand from SPC-4 4.5. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SenseTest {

  @Test
  void fixed_format_gives_key_code_information_and_the_field_pointer() {
    Sense sense = decode("f0 00 05 00000123 0a 00000000 24 00 00 cf0002");

    assertThat(sense.key()).isEqualTo(Sense.ILLEGAL_REQUEST);
    assertThat(sense.additional()).isEqualTo(0x2400);
    assertThat(sense.information()).hasValue(0x123);
    assertThat(sense.deferred()).isFalse();
    assertThat(sense.hasFieldPointer()).isTrue();
    assertThat(sense.pointsIntoCdb()).isTrue();
    assertThat(sense.fieldPointer()).isEqualTo(2);
  }

  @Test
  void fixed_format_without_the_valid_bit_has_no_information() {
    Sense sense = decode("71 00 06 00000123 0a 00000000 29 01 00 000000");

    assertThat(sense.information()).isEmpty();
    assertThat(sense.deferred()).isTrue();
    assertThat(sense.additional()).isEqualTo(0x2901);
    assertThat(sense.sks()).isEmpty();
  }

  @Test
  void descriptor_format_gives_information_and_sense_key_specific_bytes() {
    Sense sense = decode("72 03 11 00 000000 14 000a80000000000100000002 02060000c0000500");

    assertThat(sense.key()).isEqualTo(Sense.MEDIUM_ERROR);
    assertThat(sense.information()).hasValue(0x1_0000_0002L);
    assertThat(HexFormat.of().formatHex(sense.sks())).isEqualTo("c00005");
  }

  @Test
  void what_is_no_sense_data_is_refused() {
    assertThatThrownBy(() -> Sense.decode(new byte[18]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Sense decode(String hex) {
    return Sense.decode(HexFormat.of().parseHex(hex.replace(" ", "")));
  }
}
