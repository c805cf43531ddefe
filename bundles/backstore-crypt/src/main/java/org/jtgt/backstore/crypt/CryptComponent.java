// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.filter.StoreBelow;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/** One configured encrypted store. Fixed as long as it lives: what changes makes it anew. */
@Component(
    configurationPid = "org.jtgt.backstore.crypt",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = CryptComponent.class,
    immediate = true)
@Designate(ocd = CryptConfig.class, factory = true)
public final class CryptComponent {
  private final SecretSource secrets;
  private final boolean format;
  private final @Nullable KeyServices services;
  private final StoreBelow below;

  /**
   * Waits for the base, and for the secret, and opens it.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public CryptComponent(BundleContext context, CryptConfig config, Map<String, Object> properties) {
    String file = text(config.keyFile());
    String service = text(config.keyService());
    if (file.isEmpty() == service.isEmpty()) {
      throw new IllegalArgumentException(
          file.isEmpty()
              ? "keyFile: missing; a file with the secret is needed, or a keyService"
              : "keyService: '%s' beside a keyFile; allowed: one of them".formatted(service));
    }
    format = config.format();
    if (service.isEmpty()) {
      String home = context.getProperty("org.jtgt.home");
      services = null;
      secrets = SecretSource.file(Path.of(home == null ? "" : home).resolve(file));
    } else {
      String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
      String key =
          text(config.key()).isEmpty() ? pid.substring(pid.indexOf('~') + 1) : text(config.key());
      KeyServices found = new KeyServices(context, service);
      services = found;
      secrets = SecretSource.service(service, key, found::first);
    }
    below = new StoreBelow(context, properties, "base", config.base(), this::on);
    if (services != null) {
      services.onArrival(below::retry);
    }
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value.strip();
  }

  private Backstore on(Backstore base) throws IOException {
    return open(base, secrets, format, Header.ROUNDS);
  }

  static Backstore open(Backstore base, SecretSource secrets, boolean format, int rounds)
      throws IOException {
    byte[] secret = secrets.secret();
    try {
      return new CryptStore(base, Header.open(base, secret, format, rounds), secrets);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  @Deactivate
  void close() {
    below.close();
    if (services != null) {
      services.close();
    }
  }
}
