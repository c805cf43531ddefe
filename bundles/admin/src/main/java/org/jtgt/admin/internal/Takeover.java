// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;

/**
 * Sees to it that no configuration says what is not so. SCR tells nobody what becomes of a change:
 * a component that cannot be made anew with it is gone, one whose modified method refuses it serves
 * on as before, and at the next start either is missing. So what stores that serve make of a change
 * is waited for, and where one refuses it, the change is taken back as a whole.
 */
final class Takeover {
  /** As long as a store that leaves may drain and flush, and a little more. */
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /** As long as a store that is made anew may take to find what it stands on. */
  private static final Duration SETTLING = Duration.ofSeconds(5);

  /**
   * What changes and how.
   *
   * @param before of a store that serves
   */
  private record Update(Entry before, Entry now) {}

  private final BiFunction<Entry, Entry, Optional<Condition>> component;
  private final Function<Entry, Condition> condition;
  private final long pauseMilliseconds;

  /**
   * @param component how a component is once it has taken over the second for the first; empty
   *     before
   * @param condition how an object is, all in all
   * @param pauseMilliseconds between two looks
   */
  Takeover(
      BiFunction<Entry, Entry, Optional<Condition>> component,
      Function<Entry, Condition> condition,
      long pauseMilliseconds) {
    this.component = component;
    this.condition = condition;
    this.pauseMilliseconds = pauseMilliseconds;
  }

  /**
   * Carries out what changes a model.
   *
   * @param store stores it
   * @param warnings takes what is not known yet
   * @return PIDs that were changed
   * @throws AdminException when a store that serves refuses it; nothing has changed then
   */
  List<String> carryOut(
      Model before, Model after, Supplier<Configurations.Stored> store, List<String> warnings) {
    List<Update> updates = updates(before, after);
    Configurations.Stored stored = store.get();
    for (Update update : updates) {
      Optional<Condition> outcome = outcome(update);
      if (outcome.isEmpty()) {
        warnings.add(update.now().pid() + ": has not taken the change over yet");
      } else if (outcome.get().failed()) {
        stored.undo().run();
        updates.forEach(undone -> outcome(new Update(undone.now(), undone.before())));
        throw refusal(update.now().pid(), outcome.get().reason());
      }
    }
    return stored.pids();
  }

  /** Of stores that serve. */
  private List<Update> updates(Model before, Model after) {
    List<Update> updates = new ArrayList<>();
    for (Entry old : before.entries()) {
      Optional<Entry> now = after.get(old.pid());
      if (old.category() == Category.STORE
          && now.isPresent()
          && now.get() != old
          && !now.get().texts().equals(old.texts())
          && condition.apply(old).serves()) {
        updates.add(new Update(old, now.get()));
      }
    }
    return updates;
  }

  private static AdminException refusal(String pid, String reason) {
    String prefix = pid + ": ";
    return new AdminException(
        Problem.BAD_VALUE,
        pid,
        "",
        "",
        (reason.startsWith(prefix) ? reason.substring(prefix.length()) : reason)
            + "; nothing was changed");
  }

  private Optional<Condition> outcome(Update update) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    boolean settling = false;
    while (true) {
      Optional<Condition> taken = component.apply(update.before(), update.now());
      Optional<Condition> outcome =
          taken.map(made -> made.well() ? condition.apply(update.now()) : made);
      if (outcome.isPresent() && (outcome.get().serves() || outcome.get().failed())) {
        return outcome;
      }
      if (outcome.isPresent() && !settling) {
        // It waits, and served before: for something that comes in a moment, perhaps.
        settling = true;
        end = System.nanoTime() + SETTLING.toNanos();
      }
      if (System.nanoTime() > end) {
        return outcome;
      }
      try {
        Thread.sleep(pauseMilliseconds);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
  }
}
