// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

/**
 * How long the data of one transfer may stay away before it is asked for again, and how often (RFC
 * 7143 7.2.2). The pauses double: an initiator that is slow to reconnect, or starved, has not lost
 * anything. The object serves one transfer after the other.
 *
 * <p>Not for several threads at once.
 */
final class Patience {
  /** How often in a row data that stays away is asked for again. */
  private static final int MOST_ATTEMPTS = 5;

  private boolean progress;
  private int attempts;

  /** Recovery times in a row without data. */
  private int silence;

  /** Begins a transfer. */
  void begin() {
    progress = true;
    attempts = 0;
    silence = 0;
  }

  /** Something has come, or was asked for. */
  void progress() {
    progress = true;
  }

  /** What was asked for is there. */
  void succeeded() {
    attempts = 0;
  }

  /** Counts an attempt; false when it is one too many in a row. */
  boolean tryAgain() {
    return ++attempts <= MOST_ATTEMPTS;
  }

  /**
   * Asked once in each recovery time: true when it is time to try again.
   *
   * @param due whether data is to come
   */
  boolean isOver(boolean due) {
    silence = due && !progress ? silence + 1 : 0;
    progress = false;
    if (silence < 1 << attempts) {
      return false;
    }
    silence = 0;
    return true;
  }
}
