// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/**
 * The target did what RFC 7143 forbids. An assertion error, because a test that uses the
 * well-behaved initiator has then failed whatever it was about.
 */
public class ProtocolViolation extends AssertionError {
  private static final long serialVersionUID = 1L;

  /**
   * @param section of RFC 7143 that was broken
   * @param what happened, with the values seen
   */
  public ProtocolViolation(String section, String what) {
    super("RFC 7143 " + section + ": " + what);
  }
}
