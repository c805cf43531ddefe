// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** A changed configuration touches what its key concerns and nothing else, under I/O. */
class ChangedInPlaceTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:inplace";
  private static final String PORTAL = "org.jtgt.iscsi.portal";
  private static final int BLOCKS = 16;

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private InetSocketAddress first;
  private InetSocketAddress second;

  @BeforeEach
  void serveAtTwoPortals() throws Exception {
    container = new Container(context, configurationAdmin);
    first = FreePort.ofLoopback();
    second = FreePort.ofLoopback();
    container.configure(
        PORTAL, "inplaceA", Map.of("address", "127.0.0.1", "port", first.getPort()));
    container.configure(
        PORTAL, "inplaceB", Map.of("address", "127.0.0.1", "port", second.getPort()));
    addUnit("inplace0");
    target("0:inplace0");
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  private void addUnit(String name) throws IOException {
    container.configure("org.jtgt.backstore.memory", name, Map.of("size", "4M"));
    container.configure("org.jtgt.scsi.lu", name, Map.of("store", name));
  }

  private void target(String... luns) throws IOException {
    container.configure("org.jtgt.scsi.target", "inplace", Map.of("name", TARGET, "luns", luns));
  }

  /**
   * One session that writes and reads back until it is told to stop; unit attentions are no errors.
   */
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong rounds = new AtomicLong();
    private final CompletableFuture<Void> end;

    Load(Session session) {
      end =
          CompletableFuture.runAsync(() -> run(session.logicalUnit(0)), Thread::startVirtualThread);
    }

    private void run(LogicalUnit unit) {
      byte[] data = new byte[BLOCKS * 512];
      try {
        while (!stop.get()) {
          Arrays.fill(data, (byte) rounds.incrementAndGet());
          through(unit, Cdb.write16(0, BLOCKS), data);
          assertThat(through(unit, Cdb.read16(0, BLOCKS), null)).isEqualTo(data);
        }
      } catch (IOException e) {
        throw new AssertionError("the session was disturbed", e);
      }
    }

    private static byte[] through(LogicalUnit unit, byte[] cdb, byte[] out) throws IOException {
      for (; ; ) {
        ScsiResult result = out == null ? unit.in(cdb, BLOCKS * 512) : unit.out(cdb, out);
        if (result.sense().filter(s -> s.key() == Sense.UNIT_ATTENTION).isEmpty()) {
          return result.requireGood().data();
        }
      }
    }

    /** Returns when I/O that began after now has ended. */
    void awaitProgress() {
      long seen = rounds.get();
      Container.eventually(() -> {
        assertThat(end.isCompletedExceptionally()).isFalse();
        assertThat(rounds.get()).isGreaterThan(seen + 2);
        return true;
      });
    }

    @Override
    public void close() {
      stop.set(true);
      end.join();
    }
  }

  @Test
  void lunsThatComeAndGoDropNoSessionAndDisturbNoIo() throws Exception {
    try (Session session = Container.login(first, TARGET);
        Session watcher = Container.login(first, TARGET);
        Load load = new Load(session)) {
      for (int i = 1; i <= 5; i++) {
        addUnit("inplace" + i);
        target("0:inplace0", i + ":inplace" + i);
        int lun = i;
        Container.eventually(() -> {
          watcher.logicalUnit(lun).clearUnitAttentions();
          return watcher.logicalUnit(lun).read(0, 1, 512);
        });
        target("0:inplace0");
        Container.eventually(() -> {
          Sense sense = watcher.logicalUnit(lun).testUnitReady().sense().orElseThrow();
          assertThat(sense.additional()).isEqualTo(0x2500);
          return true;
        });
        load.awaitProgress();
      }
    }
  }

  @Test
  void eachKeyOfALogicalUnitChangesUnderIo() throws Exception {
    try (Session session = Container.login(first, TARGET);
        Load load = new Load(session)) {
      Map<String, Object> keys = new HashMap<>(Map.of("store", "inplace0"));
      for (Map.Entry<String, Object> change :
          Map.<String, Object>of(
                  "writeCache",
                  false,
                  "thinProvisioning",
                  false,
                  "holdSeconds",
                  5,
                  "product",
                  "CHANGED",
                  "serial",
                  "INPLACE0")
              .entrySet()) {
        keys.put(change.getKey(), change.getValue());
        container.configure("org.jtgt.scsi.lu", "inplace0", keys);
        load.awaitProgress();
      }
    }
    try (Session session = Container.login(first, TARGET)) {
      // Configuration Admin tells of an update on a thread of its own.
      Container.eventually(() -> {
        session.logicalUnit(0).clearUnitAttentions();
        assertThat(new String(session.logicalUnit(0).inquiry(), 16, 16, "US-ASCII"))
            .isEqualTo("CHANGED         ");
        assertThat(new String(session.logicalUnit(0).vpd(0x80), "US-ASCII")).endsWith("INPLACE0");
        return true;
      });
    }
  }

  @Test
  void changingOnePortalClosesItsConnectionsOnly() throws Exception {
    try (Session stays = Container.login(first, TARGET);
        Load load = new Load(stays)) {
      Session goes = Container.login(second, TARGET);
      InetSocketAddress elsewhere = FreePort.ofLoopback();
      CompletableFuture<Void> changed =
          CompletableFuture.runAsync(() -> {
            try {
              container.configure(
                  PORTAL, "inplaceB", Map.of("address", "127.0.0.1", "port", elsewhere.getPort()));
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      assertThat(goes.connection().awaitAsync(Duration.ofSeconds(30)).event())
          .isEqualTo(Response.Async.LOGOUT_REQUESTED);
      goes.logout();
      changed.join();
      Container.login(elsewhere, TARGET).close();
      assertThatThrownBy(() -> Container.loginOnce(second, TARGET)).isInstanceOf(IOException.class);
      load.awaitProgress();
    }
  }

  @Test
  void aPortalThatIsRemovedClosesWhatDoesNotLogOut() throws Exception {
    try (Session stays = Container.login(first, TARGET);
        Load load = new Load(stays)) {
      Session goes = Container.login(second, TARGET);
      configurationAdmin.getFactoryConfiguration(PORTAL, "inplaceB", "?").delete();
      assertThatThrownBy(
              () -> {
                while (true) {
                  goes.connection().receive(Duration.ofSeconds(30));
                }
              })
          .isInstanceOf(ConnectionClosedException.class);
      goes.drop();
      load.awaitProgress();
    }
  }
}
