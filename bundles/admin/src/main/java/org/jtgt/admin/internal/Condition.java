// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

/**
 * How a configured object is.
 *
 * @param state one word
 * @param reason why it is not well; empty when it is
 */
record Condition(String state, String reason) {
  static final String ACTIVE = "active";

  /** Nobody has used it yet, or it is being activated. */
  static final String IDLE = "idle";

  static final String FAILED = "failed";
  static final String WAITING = "waiting";
  static final String ABSENT = "absent";

  boolean well() {
    return state.equals(ACTIVE) || state.equals(IDLE);
  }

  /** Whether it does its work, so that a change that it refuses would be a loss. */
  boolean serves() {
    return !state.equals(FAILED) && !state.equals(WAITING) && !state.equals(ABSENT);
  }

  boolean failed() {
    return state.equals(FAILED);
  }
}
