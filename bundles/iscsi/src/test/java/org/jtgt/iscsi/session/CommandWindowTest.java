// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.jtgt.iscsi.session.CommandWindow.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandWindowTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 100, Integer.MAX_VALUE - 1, -2})
  void commandsAreDeliveredInOrderAlsoAcrossTheWrap_4_2_2_1(int first) {
    CommandWindow<String> window = new CommandWindow<>(first, 4);
    window.open(4);
    assertThat(window.accept(first + 2)).isEqualTo(Order.HOLD);
    window.hold(first + 2, "c");
    assertThat(window.accept(first + 1)).isEqualTo(Order.HOLD);
    window.hold(first + 1, "b");
    assertThat(window.next()).isNull();
    assertThat(window.accept(first)).isEqualTo(Order.DELIVER);
    assertThat(window.next()).isEqualTo("b");
    assertThat(window.next()).isEqualTo("c");
    assertThat(window.next()).isNull();
    assertThat(window.expCmdSn()).isEqualTo(first + 3);
  }

  @Test
  void commandsOutsideTheWindowAndDuplicatesAreIgnored_4_2_2_1() {
    CommandWindow<String> window = new CommandWindow<>(10, 4);
    window.open(4);
    assertThat(window.accept(9)).isEqualTo(Order.IGNORE);
    assertThat(window.accept(14)).isEqualTo(Order.IGNORE);
    assertThat(window.accept(13)).isEqualTo(Order.HOLD);
    window.hold(13, "x");
    assertThat(window.accept(13)).isEqualTo(Order.IGNORE);
    assertThat(window.accept(10)).isEqualTo(Order.DELIVER);
    assertThat(window.accept(10)).isEqualTo(Order.IGNORE);
  }

  @Test
  void maxCmdSnNeverGoesBack_4_2_2_1() {
    CommandWindow<String> window = new CommandWindow<>(10, 8);
    window.open(8);
    assertThat(window.maxCmdSn()).isEqualTo(17);
    window.open(0);
    assertThat(window.maxCmdSn()).isEqualTo(17);
    window.accept(10);
    window.open(2);
    assertThat(window.maxCmdSn()).isEqualTo(17);
  }

  @Test
  void aClosedWindowTakesNothing_4_2_2_1() {
    CommandWindow<String> window = new CommandWindow<>(10, 1);
    window.open(1);
    assertThat(window.accept(10)).isEqualTo(Order.DELIVER);
    window.open(0);
    assertThat(window.accept(11)).isEqualTo(Order.IGNORE);
    window.open(1);
    assertThat(window.accept(11)).isEqualTo(Order.DELIVER);
  }

  @Test
  void aSkippedNumberCountsAsReceivedAndIsIgnoredLater_11_6_1() {
    CommandWindow<String> window = new CommandWindow<>(10, 4);
    window.open(4);
    window.hold(11, "b");
    assertThat(window.skip(10)).isNull();
    assertThat(window.accept(10)).isEqualTo(Order.IGNORE);
    assertThat(window.next()).isEqualTo("b");
    assertThat(window.expCmdSn()).isEqualTo(12);
  }

  @Test
  void skippingGivesBackWhatWasHeld_11_6_1() {
    CommandWindow<String> window = new CommandWindow<>(10, 4);
    window.open(4);
    window.hold(11, "b");
    assertThat(window.skip(11)).isEqualTo("b");
    assertThat(window.accept(10)).isEqualTo(Order.DELIVER);
    assertThat(window.next()).isNull();
    assertThat(window.expCmdSn()).isEqualTo(12);
  }
}
