// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.itests.initiator.Session;
import org.jtgt.state.ContentControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** Overlays and encryption on each other. */
class CryptSnapshotsTest {
  private static final String CRYPT = "org.jtgt.backstore.crypt";
  private static final String OVERLAY = "org.jtgt.backstore.overlay";
  private static final AtomicInteger MADE = new AtomicInteger();

  @TempDir Path folder;
  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;
  @InjectService ContentControl content;

  private final String name = "cryptsnap" + MADE.incrementAndGet();
  private Container container;
  private Path key;

  @BeforeEach
  void begin() throws Exception {
    container = new Container(context, configurationAdmin);
    container.configure("org.jtgt.backstore.memory", name, Map.of("size", "8M"));
    key = Files.writeString(folder.resolve("key"), "a secret of enough bytes");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  private Map<String, Object> crypt(String base) {
    return Map.of("base", base, "keyFile", key.toString(), "format", true);
  }

  private Map<String, Object> overlay(String base) {
    return Map.of("base", base, "path", folder.resolve("overlay").toString());
  }

  private static byte[] block(int value) {
    byte[] block = new byte[512];
    block[9] = (byte) value;
    return block;
  }

  private static byte[] read(Session session) throws Exception {
    session.logicalUnit(0).clearUnitAttentions();
    return session.logicalUnit(0).read(0, 1, 512);
  }

  @Test
  void anOverlayOnAnEncryptedStoreKeepsSnapshotsOfIt() throws Exception {
    container.configure(CRYPT, name + "crypt", crypt(name));
    expectSnapshotsOf(
        new Disk(container, context, name)
            .with(OVERLAY, overlay(name + "crypt"), Map.of())
            .serve());
  }

  @Test
  void anOverlayBelowAnEncryptedStoreKeepsSnapshotsOfItAsCiphertext() throws Exception {
    container.configure(OVERLAY, name + "cow", overlay(name));
    expectSnapshotsOf(
        new Disk(container, context, name).with(CRYPT, crypt(name + "cow"), Map.of()).serve());
  }

  private void expectSnapshotsOf(Disk disk) throws Exception {
    try (Session session = disk.login()) {
      session.logicalUnit(0).write(0, block(1), 512);
      content.takeSnapshot(List.of(disk.label(0)), "monday");
      session.logicalUnit(0).write(0, block(2), 512);
      Disk look =
          new Disk(container, context, name + "look")
              .with(
                  "org.jtgt.backstore.snapshot",
                  Map.of("of", disk.label(0), "snapshot", "monday"),
                  Map.of())
              .serve();
      try (Session looking = look.login()) {
        assertThat(read(looking)).isEqualTo(block(1));
      }
      assertThat(read(session)).isEqualTo(block(2));
      content.rollBack(disk.label(0), "monday");
      assertThat(read(session)).isEqualTo(block(1));
    }
  }
}
