// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.crypt.spi.KeyService;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/**
 * The key services of one name that are there; of several the one that the framework ranks first.
 */
final class KeyServices implements AutoCloseable {
  private final ConcurrentSkipListMap<ServiceReference<KeyService>, KeyService> present =
      new ConcurrentSkipListMap<>();
  private final ServiceTracker<KeyService, KeyService> tracker;
  private volatile Runnable arrival = () -> {};

  KeyServices(BundleContext context, String name) {
    tracker =
        new ServiceTracker<>(context, KeyService.class, null) {
          @Override
          public @Nullable KeyService addingService(ServiceReference<KeyService> reference) {
            KeyService service =
                name.equals(reference.getProperty(KeyService.NAME))
                    ? super.addingService(reference)
                    : null;
            if (service != null) {
              present.put(reference, service);
              arrival.run();
            }
            return service;
          }

          @Override
          public void removedService(ServiceReference<KeyService> reference, KeyService service) {
            present.remove(reference);
            super.removedService(reference, service);
          }
        };
    tracker.open();
  }

  /** What is done whenever one has come. */
  void onArrival(Runnable action) {
    arrival = action;
  }

  @Nullable KeyService first() {
    Map.Entry<ServiceReference<KeyService>, KeyService> best = present.lastEntry();
    return best == null ? null : best.getValue();
  }

  @Override
  public void close() {
    tracker.close();
  }
}
