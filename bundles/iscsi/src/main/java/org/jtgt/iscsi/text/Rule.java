// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

/** How the value of a key comes about (RFC 7143 6.2, clause 13 "result function"). */
public sealed interface Rule {
  /** Each side says its own value, nobody answers. */
  record Text() implements Rule {}

  /** A number that each side declares for itself, within bounds. */
  record DeclaredNumber(long min, long max) implements Rule {}

  /** The smaller of two numbers. */
  record Minimum(long min, long max) implements Rule {}

  /** The larger of two numbers. */
  record Maximum(long min, long max) implements Rule {}

  /** Yes when both say Yes. */
  record And() implements Rule {}

  /** Yes when one says Yes. */
  record Or() implements Rule {}

  /** The first of the offered values that the responder accepts. */
  record Choice() implements Rule {}

  /** A key of RFC 3720 that is obsolete; it always gets this answer (RFC 7143 13.25). */
  record Obsolete(String answer) implements Rule {}
}
