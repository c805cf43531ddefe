// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.internal.engine.Engine;
import org.jtgt.scsi.internal.engine.StoreOffer;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Hands stores to the engine by name; a store is given back when nothing runs on it.
 *
 * <p>A component whose activation fails has a service that gives nothing. When it is activated all
 * the same, by SCR itself at once or for whoever asks next, nobody is told: so it is asked again
 * from time to time while its service is there.
 */
final class StoreTracker extends ServiceTracker<Backstore, StoreTracker.Offered> {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private final Engine engine;

  StoreTracker(BundleContext context, Engine engine) {
    super(context, Backstore.class, null);
    this.engine = engine;
  }

  @Override
  public Offered addingService(ServiceReference<Backstore> reference) {
    Offered offered = new Offered(reference);
    if (!offered.take()) {
      Thread.ofPlatform().daemon().name("jtgt-store-" + name(reference)).start(offered::await);
    }
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

  private static String name(ServiceReference<Backstore> reference) {
    if (reference.getProperty(Backstore.NAME) instanceof String name) {
      return name;
    }
    return reference.getProperty("service.pid") instanceof String pid ? Names.instance(pid) : "";
  }

  /** A service, and its store once it could be had. */
  final class Offered {
    private final ServiceReference<Backstore> reference;
    private @Nullable Backstore store;
    private boolean gone;

    private Offered(ServiceReference<Backstore> reference) {
      this.reference = reference;
    }

    /**
     * Asks for the store, without a lock: that may activate a component.
     *
     * @return whether there is nothing to wait for any more
     */
    private boolean take() {
      Backstore found = context.getService(reference);
      synchronized (this) {
        if (gone) {
          if (found != null) {
            context.ungetService(reference);
          }
          return true;
        }
        if (found == null) {
          return false;
        }
        store = found;
        engine.addStore(name(reference), new StoreOffer(found, version(reference)));
        return true;
      }
    }

    private void await() {
      Duration pause = FIRST_PAUSE;
      try {
        while (!leftWithin(pause) && !take()) {
          Duration doubled = pause.multipliedBy(2);
          pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        }
      } catch (InterruptedException | IllegalStateException stopping) {
        // The bundle ends, and with it the tracker.
      }
    }

    private synchronized boolean leftWithin(Duration pause) throws InterruptedException {
      if (!gone) {
        wait(pause.toMillis());
      }
      return gone;
    }

    private synchronized void leave() {
      gone = true;
      notifyAll();
      if (store != null) {
        engine.removeStore(name(reference), store);
        context.ungetService(reference);
      }
    }
  }
}
