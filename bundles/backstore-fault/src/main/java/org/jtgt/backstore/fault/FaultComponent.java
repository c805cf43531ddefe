// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.fault;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

/** One configured fault filter. */
@Component(
    configurationPid = "org.jtgt.backstore.fault",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = FaultComponent.class,
    immediate = true)
@Designate(ocd = FaultConfig.class, factory = true)
public final class FaultComponent {
  private final StoreBelow below;
  private volatile FaultConfig config;
  private volatile @Nullable FaultyStore faulty;

  /**
   * Waits for the store and stands on it.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public FaultComponent(BundleContext context, FaultConfig config, Map<String, Object> properties) {
    this.config = config;
    rules(config);
    below = new StoreBelow(context, properties, "store", config.store(), this::on);
  }

  private static List<Rule> rules(FaultConfig config) {
    return Arrays.stream(config.rules()).filter(r -> !r.isBlank()).map(Rule::parse).toList();
  }

  private Backstore on(Backstore store) {
    Random random = config.seed() == 0 ? new Random() : new Random(config.seed());
    FaultyStore made = new FaultyStore(store, new Dispatch(store, "fault"), rules(config), random);
    faulty = made;
    return made;
  }

  /** Takes other rules under I/O, counted from anew; another store drains first. */
  @Modified
  void modified(FaultConfig changed) {
    below.change(() -> take(changed));
  }

  private void take(FaultConfig changed) {
    List<Rule> rules = rules(changed);
    below.moveTo(changed.store());
    config = changed;
    FaultyStore present = faulty;
    if (present != null) {
      present.change(rules);
    }
  }

  @Deactivate
  void close() {
    below.close();
  }
}
