// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jtgt.backstore.crypt.spi.KeyService;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** An encrypted store whose secret another bundle has. */
class KeyServiceTest {
  private static final String TEXT = "what nobody reads who has the disk and not the key";

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;
  @TempDir Path folder;

  private final Map<String, byte[]> vault = new HashMap<>();
  private Container container;
  private ServiceRegistration<KeyService> registration;

  @BeforeEach
  void begin() {
    container = new Container(context, configurationAdmin);
  }

  @AfterEach
  void end() throws Exception {
    unregister();
    container.close();
  }

  private void register() {
    registration =
        context.registerService(
            KeyService.class, this::secret, Container.dictionary(Map.of(KeyService.NAME, "vault")));
  }

  private byte[] secret(String key) throws IOException {
    byte[] secret = vault.get(key);
    if (secret == null) {
      throw new IOException("no such key");
    }
    return secret.clone();
  }

  private void unregister() {
    if (registration != null) {
      registration.unregister();
      registration = null;
    }
  }

  private Disk encrypted(String name) throws IOException {
    String base = name + "base";
    container.configure(
        "org.jtgt.backstore.file",
        base,
        Map.of("path", folder.resolve("disk.img").toString(), "size", "4M"));
    return new Disk(container, context, name)
        .with(
            "org.jtgt.backstore.crypt",
            Map.of("base", base, "keyService", "vault", "key", "disk", "format", true),
            Map.of("holdSeconds", 0, "outage", "fail"))
        .serve();
  }

  private static void expectNotReady(LogicalUnit unit) {
    Container.eventually(() -> {
      // Unit attentions come first, one at a time.
      Sense sense = unit.testUnitReady().sense().orElseThrow();
      assertThat(sense.key()).isEqualTo(Sense.NOT_READY);
      return true;
    });
  }

  @Test
  void theStoreComesWithItsKeyServiceAndStaysWithoutIt() throws Exception {
    vault.put("disk", "a secret of enough bytes".getBytes(StandardCharsets.UTF_8));
    Disk disk = encrypted("vaulted");
    try (Session session =
        Container.eventually(() -> Container.loginOnce(disk.portal(), disk.target()))) {
      LogicalUnit unit = session.logicalUnit(0);
      expectNotReady(unit);
      register();
      byte[] block = new byte[512];
      System.arraycopy(TEXT.getBytes(StandardCharsets.UTF_8), 0, block, 0, TEXT.length());
      Container.eventually(() -> {
        unit.clearUnitAttentions();
        unit.write(0, block, 512);
        return true;
      });
      unregister();
      assertThat(unit.read(0, 1, 512)).isEqualTo(block);
      unit.synchronizeCache();
      String stored = Files.readString(folder.resolve("disk.img"), StandardCharsets.ISO_8859_1);
      assertThat(stored).startsWith("JTGTCRPT").doesNotContain(TEXT);
    }
  }

  @Test
  void aServiceThatGetsItsKeyLaterIsAskedAgain() throws Exception {
    register();
    Disk disk = encrypted("late");
    try (Session session =
        Container.eventually(() -> Container.loginOnce(disk.portal(), disk.target()))) {
      expectNotReady(session.logicalUnit(0));
      vault.put("disk", "a secret of enough bytes".getBytes(StandardCharsets.UTF_8));
      Container.eventually(() -> {
        session.logicalUnit(0).clearUnitAttentions();
        session.logicalUnit(0).write(0, new byte[512], 512);
        return true;
      });
    }
  }
}
