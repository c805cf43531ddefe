// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1,192.0.2.1,3205",
    "192.0.2.1:860,192.0.2.1,860",
    "names.example:65535,names.example,65535",
    "2001:db8::9,2001:db8::9,3205",
    "[2001:db8::9],2001:db8::9,3205",
    "[2001:db8::9]:1,2001:db8::9,1"
  })
  void aHostMayHaveAPort(String text, String host, int port) {
    assertThat(Address.parse(text, 3205)).contains(new Address(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":3205",
        "h:",
        "h:0",
        "h:65536",
        "h:x",
        "h:123456",
        "[]:1",
        "a:b:c",
        "a b",
        "h/x",
        "[h]:1"
      })
  void nothingElseIsOne(String text) {
    assertThat(Address.parse(text, 3205)).isEmpty();
  }
}
