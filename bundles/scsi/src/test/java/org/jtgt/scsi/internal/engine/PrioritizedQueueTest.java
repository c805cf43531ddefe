// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What waits goes by its priority, and nothing waits for ever (SAM-5 8.7). */
class PrioritizedQueueTest {
  private final PrioritizedQueue queue = new PrioritizedQueue();
  private final List<String> done = new ArrayList<>();

  private void add(String name, int priority) {
    queue.add(() -> done.add(name), priority);
  }

  private List<String> all() {
    while (!queue.isEmpty()) {
      queue.remove().run();
    }
    return done;
  }

  @Test
  void withoutPrioritiesTheOrderIsThatOfComing() {
    add("a", 0);
    add("b", 8);
    add("c", 0);
    assertThat(all()).containsExactly("a", "b", "c");
  }

  @Test
  void oneIsFirstFifteenIsLastAndNoneIsInTheMiddle() {
    add("last", 15);
    add("none", 0);
    add("above", 7);
    add("below", 9);
    add("first", 1);
    assertThat(all()).containsExactly("first", "above", "none", "below", "last");
  }

  @Test
  void equalPrioritiesKeepTheirOrder() {
    add("a", 3);
    add("x", 12);
    add("b", 3);
    add("y", 12);
    assertThat(all()).containsExactly("a", "b", "x", "y");
  }

  @Test
  void whoeverIsOvertakenGetsATurn() {
    add("low", 15);
    add("none", 0);
    for (int i = 0; i < 32; i++) {
      add("high" + i, 1);
    }
    assertThat(all()).hasSize(34);
    assertThat(done.indexOf("low")).isLessThan(32);
    assertThat(done.indexOf("none")).isLessThan(32);
    assertThat(done.getFirst()).isEqualTo("high0");
  }

  @Test
  void whatWaitsCanBeTakenOutWhateverItsPriority() {
    Runnable usual = () -> done.add("usual");
    Runnable special = () -> done.add("special");
    queue.add(usual, 0);
    queue.add(special, 3);
    add("stays", 5);
    assertThat(queue.remove(usual)).isTrue();
    assertThat(queue.remove(special)).isTrue();
    assertThat(queue.remove(special)).isFalse();
    assertThat(all()).containsExactly("stays");
  }

  @Test
  void whatIsLeftAfterPrioritiesIsInOrderToo() {
    add("first", 1);
    add("a", 0);
    add("b", 0);
    queue.remove().run();
    add("c", 0);
    assertThat(all()).containsExactly("first", "a", "b", "c");
  }
}
