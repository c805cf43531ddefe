// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The command numbering of a session (RFC 7143 4.2.2.1): decides which CmdSN is delivered, held or
 * ignored, and how far the initiator may go. CmdSN compares in serial number arithmetic (RFC 1982).
 *
 * <p>Not for several threads at once.
 *
 * @param <T> what is held while earlier commands are missing
 */
public final class CommandWindow<T> {
  /** What to do with a command that is not immediate. */
  public enum Order {
    /** It is the next one: deliver it, then what was held behind it. */
    DELIVER,
    /** It is ahead of a missing one: hold it. */
    HOLD,
    /** It is outside the window or a duplicate: ignore it silently. */
    IGNORE
  }

  private static final Object SKIPPED = new Object();

  private final @Nullable Object[] held;
  private final int mask;
  private int expCmdSn;
  private int maxCmdSn;
  private int holding;

  /**
   * @param firstCmdSn the CmdSN that the session starts with
   * @param size most commands ahead of ExpCmdSN, at least 1
   */
  public CommandWindow(int firstCmdSn, int size) {
    int slots = Integer.highestOneBit(Math.max(1, size) * 2 - 1);
    held = new Object[slots];
    mask = slots - 1;
    expCmdSn = firstCmdSn;
    maxCmdSn = firstCmdSn - 1;
  }

  /** True when a is before b. */
  public static boolean before(int a, int b) {
    return a - b < 0;
  }

  public int expCmdSn() {
    return expCmdSn;
  }

  public int maxCmdSn() {
    return maxCmdSn;
  }

  /** Allows commands up to {@code slots} ahead; what was promised before stays (MaxCmdSN grows). */
  public void open(int slots) {
    int max = expCmdSn + Math.min(slots, held.length) - 1;
    if (before(maxCmdSn, max)) {
      maxCmdSn = max;
    }
  }

  /** Sorts in a command that is not immediate; DELIVER moves ExpCmdSN on. */
  public Order accept(int cmdSn) {
    if (cmdSn == expCmdSn && !before(maxCmdSn, cmdSn) && held[cmdSn & mask] == null) {
      expCmdSn++;
      return Order.DELIVER;
    }
    if (before(cmdSn, expCmdSn) || before(maxCmdSn, cmdSn) || held[cmdSn & mask] != null) {
      return Order.IGNORE;
    }
    return Order.HOLD;
  }

  /** Keeps what {@link #accept} said to hold. */
  public void hold(int cmdSn, T item) {
    held[cmdSn & mask] = item;
    holding++;
  }

  /**
   * Considers a CmdSN received that never has to come (RFC 7143 11.6.1).
   *
   * @return what was held under it
   */
  @SuppressWarnings("unchecked")
  public @Nullable T skip(int cmdSn) {
    Object old = held[cmdSn & mask];
    held[cmdSn & mask] = SKIPPED;
    if (old == null) {
      holding++;
    }
    return old == SKIPPED ? null : (T) old;
  }

  /** True when a CmdSN lies between ExpCmdSN and MaxCmdSN. */
  public boolean contains(int cmdSn) {
    return !before(cmdSn, expCmdSn) && !before(maxCmdSn, cmdSn);
  }

  /** What is held under a CmdSN. */
  @SuppressWarnings("unchecked")
  public @Nullable T heldAt(int cmdSn) {
    Object item = contains(cmdSn) ? held[cmdSn & mask] : null;
    return item == SKIPPED ? null : (T) item;
  }

  /** The held command that is next now, and moves ExpCmdSN on; null when there is none. */
  @SuppressWarnings("unchecked")
  public @Nullable T next() {
    while (holding > 0) {
      Object item = held[expCmdSn & mask];
      if (item == null) {
        return null;
      }
      held[expCmdSn & mask] = null;
      holding--;
      expCmdSn++;
      if (item != SKIPPED) {
        return (T) item;
      }
    }
    return null;
  }

  /** Takes out what is held and meets a condition: its CmdSN has to come again. */
  @SuppressWarnings("unchecked")
  public void removeIf(Predicate<T> condition, Consumer<T> removed) {
    for (int i = 0; i < held.length; i++) {
      Object item = held[i];
      if (item != null && item != SKIPPED && condition.test((T) item)) {
        held[i] = null;
        holding--;
        removed.accept((T) item);
      }
    }
  }
}
