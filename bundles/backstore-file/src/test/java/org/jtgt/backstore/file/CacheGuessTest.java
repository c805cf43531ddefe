// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CacheGuessTest {
  private final CacheGuess guess = new CacheGuess();

  /** Reads until one is worth trying, and counts the others. */
  private int untried() {
    int count = 0;
    while (!guess.worthTrying()) {
      count++;
    }
    return count;
  }

  @Test
  void hits_are_always_followed_by_a_try() {
    for (int i = 0; i < 1000; i++) {
      assertThat(guess.worthTrying()).isTrue();
      guess.hit();
    }
  }

  @Test
  void misses_in_a_row_double_the_reads_that_go_without_a_try() {
    for (int untried : new int[] {1, 3, 7, 15, 31, 63, 63, 63}) {
      guess.missed();
      assertThat(untried()).isEqualTo(untried);
    }
  }

  @Test
  void one_hit_makes_the_next_miss_the_first() {
    for (int i = 0; i < 10; i++) {
      guess.missed();
    }
    assertThat(untried()).isEqualTo(CacheGuess.MOST);
    guess.hit();
    assertThat(untried()).isZero();
    guess.missed();
    assertThat(untried()).isEqualTo(1);
  }
}
