// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

/** A change is refused. The message is one line for the operator; nothing was changed. */
public final class AdminException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final String pid;
  private final String key;
  private final String value;

  /** What is wrong, for callers that answer in codes. */
  public enum Problem {
    UNKNOWN_TYPE,
    BAD_NAME,
    UNKNOWN_KEY,
    MISSING_KEY,
    BAD_VALUE,
    EXISTS,
    NOT_FOUND,
    IN_USE,
    /** Another origin made the object. */
    OTHER_ORIGIN,
    /** The configuration could not be stored. */
    STORAGE,
    /** What was to do it could not. */
    FAILED
  }

  /**
   * @param problem what is wrong
   * @param pid the configuration concerned; empty when there is none
   * @param key the key concerned; empty when none is
   * @param value the value given for it; empty when none is
   * @param what what is wrong with it and what is allowed, in words
   */
  public AdminException(Problem problem, String pid, String key, String value, String what) {
    super((pid.isEmpty() ? "" : pid + ": ") + (key.isEmpty() ? "" : key + ": ") + what);
    this.problem = problem;
    this.pid = pid;
    this.key = key;
    this.value = value;
  }

  /** What is wrong. */
  public Problem problem() {
    return problem;
  }

  /** The configuration concerned; empty when there is none. */
  public String pid() {
    return pid;
  }

  /** The key concerned; empty when none is. */
  public String key() {
    return key;
  }

  /** The value given for {@link #key}; empty when none is. */
  public String value() {
    return value;
  }
}
