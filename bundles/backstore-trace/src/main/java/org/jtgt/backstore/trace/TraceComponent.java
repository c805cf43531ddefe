// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.trace;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.filter.StoreBelow;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** One configured trace; what it counted is a table of kind {@code trace}. */
@Component(
    configurationPid = "org.jtgt.backstore.trace",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = StateSource.class,
    property = StateSource.KIND + "=trace",
    immediate = true)
@Designate(ocd = TraceConfig.class, factory = true)
public final class TraceComponent implements StateSource {
  private final String name;
  private final StoreBelow below;
  private volatile @Nullable TracedStore traced;

  /**
   * Waits for the store and traces it.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public TraceComponent(BundleContext context, TraceConfig config, Map<String, Object> properties) {
    String pid = String.valueOf(properties.get("service.pid"));
    name = pid.substring(pid.indexOf('~') + 1);
    below = new StoreBelow(context, properties, "store", config.store(), this::on);
  }

  private Backstore on(Backstore store) {
    TracedStore made = new TracedStore(store, name);
    traced = made;
    return made;
  }

  @Modified
  void modified(TraceConfig config) {
    below.change(() -> below.moveTo(config.store()));
  }

  @Deactivate
  void close() {
    below.close();
  }

  @Override
  public String kind() {
    return "trace";
  }

  @Override
  public List<StateRow> rows() {
    TracedStore present = traced;
    return present == null ? List.of() : present.rows();
  }
}
