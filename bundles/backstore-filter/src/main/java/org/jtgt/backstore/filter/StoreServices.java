// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/**
 * The services that are stores of one name.
 *
 * <p>A component whose activation fails has a service that gives nothing. When it is activated all
 * the same, by SCR itself at once or for whoever asks next, nobody is told: so it is asked again
 * from time to time while its service is there.
 */
final class StoreServices extends ServiceTracker<Backstore, StoreServices.Offered> {
  private static final long FIRST_PAUSE_SECONDS = 1;
  private static final long LONGEST_PAUSE_SECONDS = 60;

  /** Who is told of them; never of two changes of one service at once. */
  interface Listener {
    /** A store has come. */
    void offered(Backstore store, String version);

    /** A store goes, and does so when this returns. */
    void withdrawn(Backstore store);
  }

  private final String wanted;
  private final Listener listener;

  StoreServices(BundleContext context, String wanted, Listener listener) {
    super(context, Backstore.class, null);
    this.wanted = wanted;
    this.listener = listener;
  }

  @Override
  public @Nullable Offered addingService(ServiceReference<Backstore> reference) {
    if (!wanted.equals(name(reference))) {
      return null;
    }
    Offered offered = new Offered(reference);
    offered.take();
    return offered;
  }

  @Override
  public void removedService(ServiceReference<Backstore> reference, Offered offered) {
    offered.leave();
  }

  private static String version(ServiceReference<Backstore> reference) {
    return reference.getProperty(Backstore.VERSION) instanceof String version
        ? version
        : Long.toString(reference.getBundle().getLastModified());
  }

  /** The name of a store's service, as {@link Backstore} says. */
  private static String name(ServiceReference<Backstore> reference) {
    if (reference.getProperty(Backstore.NAME) instanceof String given) {
      return given;
    }
    return reference.getProperty(Constants.SERVICE_PID) instanceof String servicePid
        ? servicePid.substring(servicePid.indexOf('~') + 1)
        : "";
  }

  /** A service, and its store once it could be had. */
  final class Offered {
    private final ServiceReference<Backstore> reference;
    private @Nullable Backstore store;
    private long pauseSeconds = FIRST_PAUSE_SECONDS;
    private boolean gone;

    private Offered(ServiceReference<Backstore> reference) {
      this.reference = reference;
    }

    /** Asks for the store, without a lock: that may activate a component. */
    private void take() {
      Backstore found = context.getService(reference);
      synchronized (this) {
        if (gone) {
          if (found != null) {
            context.ungetService(reference);
          }
        } else if (found != null) {
          store = found;
          listener.offered(found, version(reference));
        } else {
          CompletableFuture.delayedExecutor(pauseSeconds, TimeUnit.SECONDS).execute(this::again);
          pauseSeconds = Math.min(2 * pauseSeconds, LONGEST_PAUSE_SECONDS);
        }
      }
    }

    private void again() {
      synchronized (this) {
        if (gone) {
          return;
        }
      }
      try {
        take();
      } catch (IllegalStateException stopping) {
        // The bundle ends, and with it the tracker.
      }
    }

    private synchronized void leave() {
      gone = true;
      if (store != null) {
        listener.withdrawn(store);
        context.ungetService(reference);
      }
    }
  }
}
