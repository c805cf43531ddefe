// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class IsnsCheckTest {
  private final IsnsCheck check = new IsnsCheck();

  @Test
  void aServerThatIsNoneIsRefusedBeforeItIsStored() {
    assertThat(check.problem("org.jtgt.isns", "org.jtgt.isns", Map.of("server", "a:b:c")))
        .contains("server: 'a:b:c' is not allowed; allowed: HOST, HOST:PORT or [IPV6]:PORT");
  }

  @Test
  void aServerOrNoneIsWell() {
    assertThat(check.problem("org.jtgt.isns", "org.jtgt.isns", Map.of("server", "names:3205")))
        .isEmpty();
    assertThat(check.problem("org.jtgt.isns", "org.jtgt.isns", Map.of())).isEmpty();
  }

  @Test
  void whatIsNotItsOwnIsNotJudged() {
    assertThat(check.problem("org.example", "org.example", Map.of("server", "a:b:c"))).isEmpty();
  }
}
