// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A store that fails by rules. A rule is {@code OPERATION KIND [FIRST-LAST] [xCOUNT]}:
 *
 * <ul>
 *   <li>OPERATION: {@code any}, {@code read}, {@code write}, {@code flush}, {@code unmap}, {@code
 *       write_zeroes}
 *   <li>KIND: {@code media}, {@code transient}, {@code gone}, {@code full}, {@code
 *       write_protected}, {@code other}, or {@code io} for an unclassified IOException, or {@code
 *       bug} for an exception that no store may throw
 *   <li>FIRST-LAST: bytes; I/O that touches one of them fails. Absent: all
 *   <li>xCOUNT: so often, then the rule is used up. Absent: for ever
 * </ul>
 */
@ProviderType
public interface FailingStoreControl {
  /**
   * Replaces the rules.
   *
   * @throws IllegalArgumentException when one cannot be understood; nothing has changed then
   */
  void fail(String... rules);

  /** Number of I/Os that failed by a rule. */
  long failures();
}
