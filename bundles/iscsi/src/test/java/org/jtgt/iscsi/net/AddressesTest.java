// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
  @ParameterizedTest
  @CsvSource({
    "::1,[::1]:3260",
    "2001:DB8:0:0:1:0:0:1,[2001:db8::1:0:0:1]:3260",
    "::,[::]:3260",
    "192.0.2.7,192.0.2.7:3260"
  })
  void anAddressIsWrittenAsInitiatorsWriteIt_13_8(String literal, String shown) {
    assertThat(Addresses.text(new InetSocketAddress(InetAddress.ofLiteral(literal), 3260)))
        .isEqualTo(shown);
  }

  @Test
  void aScopeIsThisMachinesAffair() throws UnknownHostException {
    byte[] linkLocal = InetAddress.ofLiteral("fe80::1").getAddress();
    assertThat(Addresses.text(java.net.Inet6Address.getByAddress("", linkLocal, 1)))
        .isEqualTo("[fe80::1]");
  }
}
