// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what an operator probably meant. */
final class Nearest {
  private Nearest() {}

  /** The candidate closest to the word, when it is close enough to be a slip of the pen. */
  static Optional<String> to(String word, Collection<String> candidates) {
    return candidates.stream()
        .filter(c -> distance(word, c) <= Math.max(1, Math.min(3, c.length() / 2)))
        .min(Comparator.comparingInt((String c) -> distance(word, c)).thenComparing(c -> c));
  }

  /** {@code ; did you mean x?} or the whole list when nothing is near. */
  static String hint(String word, Collection<String> candidates) {
    return to(word, candidates)
        .map(c -> "; did you mean '" + c + "'?")
        .orElse("; allowed: " + String.join(", ", candidates));
  }

  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
