// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** The session-wide command numbering and window of RFC 7143 4.2.2.1, as the initiator sees it. */
public final class CommandWindow {
  private int cmdSn;
  private int expCmdSn;
  private int maxCmdSn;

  CommandWindow(int cmdSn, int expCmdSn, int maxCmdSn) {
    this.cmdSn = cmdSn;
    this.expCmdSn = expCmdSn;
    this.maxCmdSn = maxCmdSn;
  }

  /** The number that the next non-immediate command gets; an immediate one carries it as well. */
  public int cmdSn() {
    return cmdSn;
  }

  /** Numbers a non-immediate command. */
  public int take() {
    return cmdSn++;
  }

  /** Moves the next CmdSN, for a test that numbers some commands itself. */
  public void skipTo(int cmdSn) {
    this.cmdSn = cmdSn;
  }

  public boolean isOpen() {
    return Serial.atMost(cmdSn, maxCmdSn);
  }

  public int expCmdSn() {
    return expCmdSn;
  }

  public int maxCmdSn() {
    return maxCmdSn;
  }

  /** Commands that may be sent now. */
  public int room() {
    return Math.max(0, maxCmdSn - cmdSn + 1);
  }

  /** Takes over what a response says; values that went back are ignored as the RFC demands. */
  void update(int newExpCmdSn, int newMaxCmdSn) {
    if (Serial.lessThan(newMaxCmdSn, newExpCmdSn - 1)) {
      throw new ProtocolViolation(
          "4.2.2.1", "MaxCmdSN " + newMaxCmdSn + " below ExpCmdSN " + newExpCmdSn + " - 1");
    }
    if (Serial.lessThan(maxCmdSn, newMaxCmdSn)) {
      maxCmdSn = newMaxCmdSn;
    }
    if (Serial.lessThan(expCmdSn, newExpCmdSn)) {
      expCmdSn = newExpCmdSn;
    }
    if (Serial.lessThan(cmdSn, newExpCmdSn)) {
      throw new ProtocolViolation(
          "4.2.2.1", "ExpCmdSN " + newExpCmdSn + " but the next CmdSN is " + cmdSn);
    }
  }
}
