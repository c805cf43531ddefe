// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.admin.Admin;
import org.jtgt.admin.ManagedObject;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** What failed to start is tried again: SCR itself would leave it (docs/design-admin.md). */
class RetryTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:retry";

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;
  @InjectService Admin admin;

  private Container container;
  private Path folder;
  private InetSocketAddress portal;

  @BeforeEach
  void begin() throws Exception {
    container = new Container(context, configurationAdmin);
    folder = Files.createTempDirectory("jtgt-itest-");
    portal = FreePort.ofLoopback();
  }

  @AfterEach
  void end() throws Exception {
    container.close();
    Files.deleteIfExists(folder.resolve("late.img"));
    Files.deleteIfExists(folder);
  }

  private void serve() throws Exception {
    container.configure("org.jtgt.scsi.lu", "retry", Map.of("store", "retry"));
    container.configure(
        "org.jtgt.scsi.target", "retry", Map.of("name", TARGET, "luns", new String[] {"0:retry"}));
    container.configure(
        "org.jtgt.iscsi.portal", "retry", Map.of("address", "127.0.0.1", "port", portal.getPort()));
  }

  private ManagedObject object(String type) {
    return admin.object(type, "retry").orElseThrow();
  }

  @Test
  void aStoreStartsWhenItsMissingFileAppears() throws Exception {
    Path file = folder.resolve("late.img");
    container.configure("org.jtgt.backstore.file", "retry", Map.of("path", file.toString()));
    serve();
    Container.eventually(() -> {
      assertThat(object("store").state()).isEqualTo("failed");
      assertThat(object("store").reason()).contains(file.toString());
      return true;
    });
    Files.write(file, new byte[1 << 20]);
    try (Session session = Container.login(portal, TARGET)) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo((1 << 20) / 512);
    }
    assertThat(object("store").reason()).isEmpty();
  }

  /** SCR tries a component again by itself, and tells nobody. */
  @Test
  void aStoreWhoseServiceGaveNothingAtFirstServesWhenItDoes() throws Exception {
    Backstore store = new ZerosStore();
    AtomicInteger asked = new AtomicInteger();
    ServiceFactory<Backstore> late =
        new ServiceFactory<>() {
          @Override
          public Backstore getService(Bundle bundle, ServiceRegistration<Backstore> registration) {
            if (asked.incrementAndGet() == 1) {
              throw new IllegalStateException("not yet");
            }
            return store;
          }

          @Override
          public void ungetService(
              Bundle bundle, ServiceRegistration<Backstore> registration, Backstore service) {}
        };
    ServiceRegistration<Backstore> registration =
        context.registerService(
            Backstore.class, late, FrameworkUtil.asDictionary(Map.of(Backstore.NAME, "retry")));
    try {
      assertThat(asked).hasValueGreaterThanOrEqualTo(1);
      serve();
      try (Session session = Container.login(portal, TARGET)) {
        assertThat(session.logicalUnit(0).capacity().blocks())
            .isEqualTo(ZerosStore.SIZE_BYTES / 512);
      }
    } finally {
      registration.unregister();
    }
  }

  /** A store of zeros. */
  private static final class ZerosStore implements BlockingBackstore {
    private static final int SIZE_BYTES = 1 << 20;

    @Override
    public String identity() {
      return "zeros";
    }

    @Override
    public long sizeBytes() {
      return SIZE_BYTES;
    }

    @Override
    public boolean readOnly() {
      return true;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      target.put(new byte[target.remaining()]);
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) throws IOException {
      throw new IOException("it is read-only");
    }

    @Override
    public void flush() {}
  }

  @Test
  void aPortalListensWhenItsTakenPortBecomesFree() throws Exception {
    try (ServerSocket taken = new ServerSocket(portal.getPort(), 1, portal.getAddress())) {
      container.configure("org.jtgt.backstore.memory", "retry", Map.of("size", "1M"));
      serve();
      Container.eventually(() -> {
        assertThat(object("portal").state()).isEqualTo("retrying");
        assertThat(object("portal").reason()).contains(":" + taken.getLocalPort());
        return true;
      });
    }
    Container.login(portal, TARGET).close();
    assertThat(object("portal").state()).isEqualTo("listening");
    assertThat(object("portal").reason()).isEmpty();
  }

  /** Its configuration is never out of its sight: it would serve with the defaults then. */
  @Test
  void theTransportStartsWhenItsWrongSettingIsPutRight() throws Exception {
    Bundle transport = container.bundle("org.jtgt.iscsi");
    container.configure("org.jtgt.backstore.memory", "retry", Map.of("size", "1M"));
    serve();
    transport.stop();
    Configuration settings = configurationAdmin.getConfiguration("org.jtgt.iscsi", "?");
    settings.update(Container.dictionary(Map.of("chapAlgorithms", new String[] {"SHA-265"})));
    try {
      transport.start();
      Container.eventually(() -> {
        assertThat(admin.objects())
            .anyMatch(o -> o.pid().equals("org.jtgt.iscsi") && o.reason().contains("SHA-265"));
        return true;
      });
      settings.update(Container.dictionary(Map.of("chapAlgorithms", new String[] {"SHA-256"})));
      Container.login(portal, TARGET).close();
    } finally {
      settings.delete();
    }
  }

  /** SCR keeps to itself that a component refuses a change. */
  @Test
  void aWrongSettingOfTheTransportIsToldWhileTheOldOnesServe() throws Exception {
    container.configure("org.jtgt.backstore.memory", "retry", Map.of("size", "1M"));
    serve();
    Configuration settings = configurationAdmin.getConfiguration("org.jtgt.iscsi", "?");
    try (Session before = Container.login(portal, TARGET)) {
      settings.update(Container.dictionary(Map.of("maxBurstLength", 511)));
      Container.eventually(() -> {
        assertThat(settingsOfTheTransport().state()).isEqualTo("failed");
        assertThat(settingsOfTheTransport().reason())
            .isEqualTo("maxBurstLength: 511; allowed: 512 to 16777215");
        return true;
      });
      assertThat(before.logicalUnit(0).capacity().blocks()).isEqualTo((1 << 20) / 512);
      Container.login(portal, TARGET).close();
      settings.update(Container.dictionary(Map.of("maxBurstLength", 512)));
      Container.eventually(() -> {
        assertThat(settingsOfTheTransport().state()).isEqualTo("active");
        return true;
      });
    } finally {
      settings.delete();
    }
  }

  private ManagedObject settingsOfTheTransport() {
    return admin.objects().stream()
        .filter(o -> o.pid().equals("org.jtgt.iscsi"))
        .findFirst()
        .orElseThrow();
  }
}
