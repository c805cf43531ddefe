// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.filter.StoreBelow;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/** One configured overlay. */
@Component(
    configurationPid = "org.jtgt.backstore.overlay",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {},
    immediate = true)
@Designate(ocd = OverlayConfig.class, factory = true)
public final class OverlayComponent {
  private final StoreBelow below;

  /**
   * Waits for the base and opens what lies over it.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public OverlayComponent(
      BundleContext context, OverlayConfig config, Map<String, Object> properties) {
    String home = context.getProperty("org.jtgt.home");
    if (config.path() == null || config.path().isBlank()) {
      throw new IllegalArgumentException("path: missing; a folder is needed");
    }
    Path folder = Path.of(home == null ? "" : home).resolve(config.path().strip());
    below = new StoreBelow(context, properties, "base", config.base(), base -> open(base, folder));
  }

  static Backstore open(Backstore base, Path folder) throws IOException {
    Files.createDirectories(folder);
    Disk map = Disk.open(folder.resolve("map"));
    try {
      Disk data = Disk.open(folder.resolve("data"));
      try {
        return new OverlayStore(base, map, data);
      } catch (IOException | RuntimeException failure) {
        data.close();
        throw failure;
      }
    } catch (IOException | RuntimeException failure) {
      map.close();
      throw failure;
    }
  }

  @Deactivate
  void close() {
    below.close();
  }
}
