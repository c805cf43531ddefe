// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.Change;
import org.jtgt.admin.Origin;

/**
 * Whose turn it is to change something: one after the other, in the order of their coming. A change
 * may wait for a store that drains, so those behind it can see what they wait for.
 */
final class Turn {
  /** A wait that is worth a word. */
  private static final Duration NOTICED = Duration.ofSeconds(1);

  private final ReentrantLock lock = new ReentrantLock(true);
  private final LongSupplier nanoTime;
  private volatile @Nullable Holder holder;

  /**
   * Who has it.
   *
   * @param what what is changed, and by whom
   */
  private record Holder(String what, long sinceNanos) {}

  Turn(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Carries changes out in their turn.
   *
   * @param warnings told of a wait for another
   */
  <T> T take(List<Change> changes, Origin origin, List<String> warnings, Supplier<T> action) {
    Holder before = holder;
    long came = nanoTime.getAsLong();
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      if (before != null && now - came >= NOTICED.toNanos()) {
        warnings.add("waited %d s for %s".formatted(seconds(now - came), before.what));
      }
      Holder outer = holder;
      holder = new Holder(describe(changes) + " by " + origin.words(), now);
      try {
        return action.get();
      } finally {
        holder = outer;
      }
    } finally {
      lock.unlock();
    }
  }

  /** What is being carried out, and for how long, in words. */
  Optional<String> underWay() {
    Holder now = holder;
    return now == null
        ? Optional.empty()
        : Optional.of(
            "%s, for %d s".formatted(now.what, seconds(nanoTime.getAsLong() - now.sinceNanos)));
  }

  private static long seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds();
  }

  private static String describe(List<Change> changes) {
    if (changes.isEmpty()) {
      return "no change";
    }
    Change first = changes.getFirst();
    String one = verb(first) + " " + first.type() + " " + first.name();
    return changes.size() == 1 ? one : "%s and %d more".formatted(one, changes.size() - 1);
  }

  /** The word of the command that does it. */
  private static String verb(Change change) {
    if (change instanceof Change.Create) {
      return "create";
    }
    if (change instanceof Change.Remove) {
      return "rm";
    }
    if (change instanceof Change.MapLun) {
      return "map";
    }
    return change instanceof Change.UnmapLun ? "unmap" : "set";
  }
}
