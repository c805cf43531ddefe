// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.throttle;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.filter.Dispatch;
import org.jtgt.backstore.filter.StoreBelow;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** One configured throttle. */
@Component(
    configurationPid = "org.jtgt.backstore.throttle",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = ThrottleComponent.class,
    immediate = true)
@Designate(ocd = ThrottleConfig.class, factory = true)
public final class ThrottleComponent {
  private final StoreBelow below;
  private volatile Limits limits;
  private volatile @Nullable ThrottledStore throttled;

  /**
   * Waits for the store and limits it.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public ThrottleComponent(
      BundleContext context, ThrottleConfig config, Map<String, Object> properties) {
    limits = Limits.of(config);
    below = new StoreBelow(context, properties, "store", config.store(), this::on);
  }

  private Backstore on(Backstore store) {
    ThrottledStore made =
        new ThrottledStore(store, new Dispatch(store, "throttle"), limits, System::nanoTime);
    throttled = made;
    return made;
  }

  /** Takes other limits under I/O; another store drains first. */
  @Modified
  void modified(ThrottleConfig config) {
    below.change(() -> take(config));
  }

  private void take(ThrottleConfig config) {
    Limits changed = Limits.of(config);
    below.moveTo(config.store());
    limits = changed;
    ThrottledStore present = throttled;
    if (present != null) {
      present.change(changed);
    }
  }

  @Deactivate
  void close() {
    below.close();
  }
}
