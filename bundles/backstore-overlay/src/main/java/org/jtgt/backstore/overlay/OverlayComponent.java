// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.ByteSize;
import org.jtgt.backstore.filter.StoreBelow;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One configured overlay. */
@Component(
    configurationPid = "org.jtgt.backstore.overlay",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = OverlayComponent.class,
    immediate = true)
@Designate(ocd = OverlayConfig.class, factory = true)
public final class OverlayComponent {
  private static final long LEAST_CLUSTER_BYTES = 4096;
  private static final long MOST_CLUSTER_BYTES = 1 << 20;

  /** Reason of a deactivation: the configuration was deleted (OSGi Compendium 8, 112.5.18). */
  private static final int CONFIGURATION_DELETED = 4;

  private static final Logger LOG = LoggerFactory.getLogger(OverlayComponent.class);

  private final String home;
  private final Remembered remembered;
  private final StoreBelow below;
  private volatile Settings settings;
  private volatile @Nullable OverlayStore opened;

  /**
   * What a configuration says.
   *
   * @param clusterBytes 0: as fits the size
   * @param sizeBytes 0: as the base
   */
  record Settings(Path folder, int clusterBytes, long sizeBytes, long limitBytes) {}

  /**
   * Waits for the base and opens what lies over it.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public OverlayComponent(
      BundleContext context, OverlayConfig config, Map<String, Object> properties) {
    String given = context.getProperty("org.jtgt.home");
    home = given == null ? "" : given;
    settings = settings(config);
    remembered = remembered(context, String.valueOf(properties.get(Constants.SERVICE_PID)));
    below = new StoreBelow(context, properties, "base", config.base(), this::open);
  }

  private static Remembered remembered(BundleContext context, String pid) {
    String state = context.getProperty("org.jtgt.state.dir");
    File area = context.getDataFile("");
    Path root = state != null ? Path.of(state) : area != null ? area.toPath() : Path.of("state");
    return new Remembered(root.resolve("backstore-overlay"), pid.substring(pid.indexOf('~') + 1));
  }

  private Settings settings(OverlayConfig config) {
    if (config.path() == null || config.path().isBlank()) {
      throw new IllegalArgumentException("path: missing; a folder is needed");
    }
    return new Settings(
        Path.of(home).resolve(config.path().strip()),
        config.clusterSize().isBlank() ? 0 : clusterBytes(config.clusterSize()),
        config.size().isBlank() ? 0 : ByteSize.parseStoreSize("size", config.size()),
        config.limit().isBlank()
            ? Long.MAX_VALUE
            : ByteSize.parse("limit", config.limit()).bytes());
  }

  private static int clusterBytes(String text) {
    long bytes = ByteSize.parse("clusterSize", text).bytes();
    if (bytes < LEAST_CLUSTER_BYTES || bytes > MOST_CLUSTER_BYTES || Long.bitCount(bytes) != 1) {
      throw new IllegalArgumentException(
          "clusterSize: '%s' is not allowed; allowed: a power of two from 4K to 1M"
              .formatted(text));
    }
    return (int) bytes;
  }

  private Backstore open(Backstore base) throws IOException {
    Settings now = settings;
    remembered.check(now.folder());
    int clusterBytes =
        now.clusterBytes() > 0
            ? now.clusterBytes()
            : Math.max(
                base.blockBytes(),
                Opening.clusterBytes(Math.max(base.sizeBytes(), now.sizeBytes())));
    OverlayStore store = open(base, now.folder(), clusterBytes);
    boolean fits = false;
    try {
      apply(store, now);
      remembered.remember(store.identity());
      fits = true;
    } finally {
      if (!fits) {
        store.close();
      }
    }
    opened = store;
    return store;
  }

  static OverlayStore open(Backstore base, Path folder, int clusterBytes) throws IOException {
    if (base.blockBytes() > clusterBytes) {
      throw new IllegalArgumentException(
          "clusterSize: %d is less than the base's blocks of %d bytes"
              .formatted(clusterBytes, base.blockBytes()));
    }
    return OverlayStore.open(base, new FileFolder(folder), clusterBytes);
  }

  private static void apply(OverlayStore store, Settings settings) throws IOException {
    store.limit(settings.limitBytes());
    if (settings.sizeBytes() > 0) {
      store.resize(settings.sizeBytes());
    }
  }

  /** Size and limit change in place; what lies elsewhere is opened anew. */
  @Modified
  void modified(OverlayConfig config) {
    below.change(() -> take(config));
  }

  private void take(OverlayConfig config) throws IOException {
    Settings before = settings;
    Settings now = settings(config);
    OverlayStore store = opened;
    settings = now;
    boolean elsewhere = !now.folder().equals(before.folder());
    if (store != null && store.isOpen() && !elsewhere) {
      apply(store, now);
    }
    below.moveTo(config.base());
    if (elsewhere) {
      below.renew();
    }
  }

  @Deactivate
  void close(int reason) {
    below.close();
    if (reason == CONFIGURATION_DELETED) {
      try {
        remembered.forget();
      } catch (IOException e) {
        LOG.warn("That there was an overlay is not forgotten: {}", e.toString());
      }
    }
  }
}
