// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.filter.StoreBelow;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** Shows one snapshot of any store that keeps some. */
@Component(
    configurationPid = "org.jtgt.backstore.snapshot",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = SnapshotComponent.class,
    immediate = true)
@Designate(ocd = SnapshotConfig.class, factory = true)
public final class SnapshotComponent {
  private final StoreBelow below;
  private volatile String snapshot;

  /**
   * Waits for the store and opens its snapshot.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public SnapshotComponent(
      BundleContext context, SnapshotConfig config, Map<String, Object> properties) {
    snapshot = checked(config.snapshot());
    below = new StoreBelow(context, properties, "of", config.of(), this::open);
  }

  private static String checked(@Nullable String name) {
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException("snapshot: missing; the name of a snapshot is needed");
    }
    return name.strip();
  }

  private Backstore open(Backstore store) throws IOException {
    Snapshots snapshots =
        store
            .adapt(Snapshots.class)
            .orElseThrow(() -> new IOException("of: that store keeps no snapshots"));
    return snapshots.open(snapshot);
  }

  @Modified
  void modified(SnapshotConfig config) {
    below.change(() -> take(config));
  }

  private void take(SnapshotConfig config) {
    String before = snapshot;
    snapshot = checked(config.snapshot());
    below.moveTo(config.of());
    if (!snapshot.equals(before)) {
      below.renew();
    }
  }

  @Deactivate
  void close() {
    below.close();
  }
}
