// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.filter.StoreBelow;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One configured encrypted store. Fixed as long as it lives: what changes makes it anew. */
@Component(
    configurationPid = "org.jtgt.backstore.crypt",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {},
    immediate = true)
@Designate(ocd = CryptConfig.class, factory = true)
public final class CryptComponent {
  private static final Logger LOG = LoggerFactory.getLogger(CryptComponent.class);
  private static final int LEAST_BYTES = 16;
  private static final int MOST_BYTES = 1 << 16;
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final StoreBelow below;

  /**
   * Waits for the base and opens it.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public CryptComponent(BundleContext context, CryptConfig config, Map<String, Object> properties) {
    String home = context.getProperty("org.jtgt.home");
    if (config.keyFile() == null || config.keyFile().isBlank()) {
      throw new IllegalArgumentException("keyFile: missing; a file with the secret is needed");
    }
    Path keyFile = Path.of(home == null ? "" : home).resolve(config.keyFile().strip());
    boolean format = config.format();
    below =
        new StoreBelow(
            context, properties, "base", config.base(), base -> open(base, keyFile, format));
  }

  static Backstore open(Backstore base, Path keyFile, boolean format) throws IOException {
    byte[] secret = secret(keyFile);
    try {
      Header.Opened opened = Header.open(base, secret, format);
      Xts xts = Xts.of(opened.key());
      Arrays.fill(opened.key(), (byte) 0);
      LOG.info("{}: encrypted with {}", opened.header().uuid(), xts.provider());
      return new CryptStore(base, opened.header(), xts);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  private static byte[] secret(Path keyFile) throws IOException {
    if (!Files.isRegularFile(keyFile)) {
      throw new IOException("keyFile: %s is no file".formatted(keyFile));
    }
    for (PosixFilePermission each : Files.getPosixFilePermissions(keyFile)) {
      if (OTHERS.contains(each)) {
        throw new IOException(
            "keyFile: %s can be read or written by others; allowed: its owner alone (mode 0600)"
                .formatted(keyFile));
      }
    }
    long bytes = Files.size(keyFile);
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
      throw new IOException(
          "keyFile: %s has %d bytes; allowed: %d to %d"
              .formatted(keyFile, bytes, LEAST_BYTES, MOST_BYTES));
    }
    return Files.readAllBytes(keyFile);
  }

  @Deactivate
  void close() {
    below.close();
  }
}
