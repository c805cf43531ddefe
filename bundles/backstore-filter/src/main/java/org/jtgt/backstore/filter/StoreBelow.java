// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store that a filter stands on, by its name. While that store is there, the filter's own store
 * is registered as a service; when it goes, the filter's is unregistered first, so that whoever
 * uses it drains and flushes through the filter while the store below still works. Stacks of
 * filters come and go in order.
 *
 * <p>A component keeps one from its activation to its deactivation. What is wrong is shown in the
 * live state under the component's PID.
 */
public final class StoreBelow implements AutoCloseable, StateSource {
  /** Makes the filter's store; called when the store below has come. */
  @ConsumerType
  @FunctionalInterface
  public interface Filter {
    /**
     * Stands on a store. What is returned is closed, where it is {@link AutoCloseable}, when nobody
     * uses it any more.
     *
     * @throws IOException when it cannot stand on that store; the message is one line
     * @throws IllegalArgumentException as IOException: key, value and what is allowed
     */
    Backstore on(Backstore below) throws IOException;
  }

  /** What a component takes over from a changed configuration. */
  @ConsumerType
  @FunctionalInterface
  public interface Change {
    /**
     * Takes it over.
     *
     * @throws IOException when it cannot; the message is one line
     * @throws IllegalArgumentException as IOException: key, value and what is allowed
     */
    void run() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(StoreBelow.class);

  private static final long FIRST_PAUSE_SECONDS = 1;
  private static final long LONGEST_PAUSE_SECONDS = 60;

  private final BundleContext context;
  private final String key;
  private final Filter filter;
  private final String pid;
  private final String name;
  private final ServiceRegistration<StateSource> rows;
  private final Map<Backstore, String> offers = new LinkedHashMap<>();
  private String store;
  private StoreServices tracker;
  private @Nullable Backstore below;
  private @Nullable Backstore own;
  private @Nullable ServiceRegistration<Backstore> service;
  private volatile String problem = "";
  private volatile String refusal = "";
  private String told = "";
  private long pauseSeconds = FIRST_PAUSE_SECONDS;
  private boolean alarmSet;
  private boolean closed;

  /**
   * Waits for a store and stands on it.
   *
   * @param context of the filter's bundle
   * @param properties of the filter's component; the part of its PID behind {@code ~} is its name
   * @param key the configuration key that names the store below
   * @param store name of the store below
   * @throws IllegalArgumentException when that is no name, or the filter's own
   */
  public StoreBelow(
      BundleContext context,
      Map<String, Object> properties,
      String key,
      @Nullable String store,
      Filter filter) {
    this.context = context;
    this.key = key;
    this.filter = filter;
    pid = String.valueOf(properties.get(Constants.SERVICE_PID));
    name = pid.substring(pid.indexOf('~') + 1);
    this.store = checked(store);
    problem = "store " + this.store + " is not there";
    rows =
        context.registerService(
            StateSource.class, this, FrameworkUtil.asDictionary(Map.of(StateSource.KIND, kind())));
    tracker = services(this.store);
    tracker.open();
  }

  private String checked(@Nullable String wanted) {
    String text = wanted == null ? "" : wanted.strip();
    if (text.isEmpty()) {
      throw new IllegalArgumentException(key + ": missing; the name of a store is needed");
    }
    if (text.equals(name)) {
      throw new IllegalArgumentException(
          "%s: '%s' is this filter itself; allowed: the name of another store"
              .formatted(key, text));
    }
    return text;
  }

  /**
   * Stands on another store from now on, where the name is another.
   *
   * @throws IllegalArgumentException when that is no name; nothing has changed then
   */
  public void moveTo(@Nullable String wanted) {
    String checked = checked(wanted);
    StoreServices old;
    synchronized (this) {
      if (checked.equals(store)) {
        return;
      }
      old = tracker;
    }
    old.close();
    synchronized (this) {
      store = checked;
      problem = "store " + checked + " is not there";
      tracker = services(checked);
      tracker.open();
    }
  }

  /**
   * Takes a changed configuration over. SCR does not tell anybody of one that a component refuses,
   * so it is shown here: the configuration is wrong, though the store serves on as before.
   */
  public void change(Change change) {
    try {
      change.run();
      refusal = "";
    } catch (IOException | RuntimeException refused) {
      refusal = String.valueOf(refused.getMessage());
      LOG.warn("{}: {}; what it was before goes on", pid, refusal);
    }
  }

  /** Makes the filter's store anew, for a change that it cannot take over while it is in use. */
  public synchronized void renew() {
    if (below != null) {
      leave();
    }
    choose();
  }

  /**
   * Tries at once to stand on the store, for a filter that could not for a reason that is gone, as
   * it would be tried after a pause anyway.
   */
  public synchronized void retry() {
    choose();
  }

  /** Whoever uses the filter's store leaves it; then the store below is let go. */
  @Override
  public void close() {
    StoreServices old;
    synchronized (this) {
      closed = true;
      old = tracker;
    }
    old.close();
    rows.unregister();
  }

  private StoreServices services(String wanted) {
    return new StoreServices(
        context,
        wanted,
        new StoreServices.Listener() {
          @Override
          public void offered(Backstore offered, String version) {
            offer(offered, version);
          }

          @Override
          public void withdrawn(Backstore gone) {
            withdraw(gone);
          }
        });
  }

  private synchronized void offer(Backstore offered, String version) {
    offers.put(offered, version);
    choose();
  }

  private synchronized void withdraw(Backstore withdrawn) {
    offers.remove(withdrawn);
    if (withdrawn == below) {
      leave();
      choose();
    }
  }

  private void choose() {
    if (below != null || closed) {
      return;
    }
    String found = "store " + store + " is not there";
    for (Backstore offered : offers.keySet()) {
      try {
        own = filter.on(offered);
      } catch (IOException | RuntimeException refused) {
        found = String.valueOf(refused.getMessage());
        continue;
      }
      below = offered;
      problem = "";
      told = "";
      pauseSeconds = FIRST_PAUSE_SECONDS;
      String version = context.getBundle().getLastModified() + " on " + offers.get(offered);
      service =
          context.registerService(
              Backstore.class,
              own,
              FrameworkUtil.asDictionary(Map.of(Backstore.NAME, name, Backstore.VERSION, version)));
      return;
    }
    problem = found;
    if (!offers.isEmpty()) {
      tell(found);
      tryLater();
    }
  }

  private void tell(String reason) {
    if (!reason.equals(told)) {
      told = reason;
      LOG.warn("{}: {} (tried again, first in {} s)", pid, reason, pauseSeconds);
    }
  }

  /** What was in the way may go by itself: a file on a disk that is mounted later, a lock. */
  private void tryLater() {
    if (alarmSet) {
      return;
    }
    alarmSet = true;
    CompletableFuture.delayedExecutor(pauseSeconds, TimeUnit.SECONDS).execute(this::alarm);
    pauseSeconds = Math.min(2 * pauseSeconds, LONGEST_PAUSE_SECONDS);
  }

  private synchronized void alarm() {
    alarmSet = false;
    choose();
  }

  private void leave() {
    ServiceRegistration<Backstore> leaving = service;
    if (leaving != null) {
      // Returns when every user has drained.
      leaving.unregister();
    }
    service = null;
    if (own instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception failure) {
        LOG.warn("{}: closing it failed: {}", pid, failure.toString());
      }
    }
    own = null;
    below = null;
  }

  @Override
  public String kind() {
    return "store";
  }

  @Override
  public List<StateRow> rows() {
    var values = new LinkedHashMap<String, Object>();
    String reason = refusal.isEmpty() ? problem : refusal;
    boolean absent = refusal.isEmpty() && reason.endsWith(" is not there");
    values.put("state", reason.isEmpty() ? "ready" : absent ? "absent" : "failed");
    if (!reason.isEmpty()) {
      values.put("reason", reason);
    }
    values.put(key, store);
    return List.of(new StateRow(name, pid, values));
  }
}
