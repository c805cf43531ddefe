// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/**
 * Sessions come and go and leave nothing behind (gotgt kept each one for ever: gostor/gotgt PR
 * #132).
 */
class LoginCyclesTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:cycles";

  /** 100000 is the long form: every TSIH is given out and taken back more than once. */
  private static final int CYCLES =
      Integer.parseInt(System.getenv().getOrDefault("JTGT_LOGIN_CYCLES", "500"));

  /** After so many everything that grows once has grown: thread pools, buffer arenas, classes. */
  private static final int SETTLED = Math.max(500, CYCLES / 10);

  private static final int SAMPLES = CYCLES < 10_000 ? 1 : CYCLES / 10_000;
  private static final int MOST_TSIH = 65_535;

  /** What is asked for is 2 %; in a short run the compiler still works, and weighs more. */
  private static final double MOST_GROWTH = CYCLES < 10_000 ? 0.05 : 0.02;

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private InetSocketAddress portal;

  @BeforeEach
  void serve() throws Exception {
    container = new Container(context, configurationAdmin);
    portal = FreePort.ofLoopback();
    container.configure("org.jtgt.backstore.memory", "cycles", Map.of("size", "8M"));
    container.configure("org.jtgt.scsi.lu", "cycles", Map.of("store", "cycles"));
    container.configure(
        "org.jtgt.scsi.target",
        "cycles",
        Map.of("name", TARGET, "luns", new String[] {"0:cycles"}));
    container.configure(
        "org.jtgt.iscsi.portal",
        "cycles",
        Map.of("address", "127.0.0.1", "port", portal.getPort()));
    Container.login(portal, TARGET).close();
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  /** What the process holds. */
  private record Holdings(
      Set<String> threads, long descriptors, long directBytes, long heapBytes) {}

  @Test
  void loginsLeaveNoSessionThreadDescriptorBufferOrHeapBehind() throws Exception {
    // As long as the run from the start: what the test keeps is no growth of the target's.
    int[] tsihs = new int[SETTLED + CYCLES];
    int cycles = cycle(SETTLED, tsihs, 0);
    Holdings settled = settled();
    tell(cycles, settled);
    while (cycles < tsihs.length) {
      cycles = cycle(CYCLES / SAMPLES, tsihs, cycles);
      Holdings now = holdings();
      tell(cycles, now);
      // Workers of the engine that had nothing to do for long may have ended.
      assertThat(settled.threads()).containsAll(now.threads());
      assertThat(now.descriptors()).isEqualTo(settled.descriptors());
      assertThat(now.directBytes()).isLessThanOrEqualTo(grown(settled.directBytes()));
      assertThat(now.heapBytes()).isLessThanOrEqualTo(grown(settled.heapBytes()));
    }
    assertThat(tsihs).as("TSIH 0 is reserved, RFC 7143 11.12.6").doesNotContain(0);
    int once = Math.min(tsihs.length, MOST_TSIH);
    assertThat(Arrays.stream(tsihs).limit(once).distinct().count())
        .as("each TSIH is used before one is used again")
        .isEqualTo(once);
  }

  private static long grown(long bytes) {
    return (long) (bytes * (1 + MOST_GROWTH));
  }

  private static void tell(int cycles, Holdings now) {
    System.out.printf(
        "after %d logins: live heap %d KiB, direct %d KiB, %d threads, %d descriptors%n",
        cycles,
        now.heapBytes() >> 10,
        now.directBytes() >> 10,
        now.threads().size(),
        now.descriptors());
  }

  /** Logs in and out so often; gives the number of logins so far. */
  private int cycle(int times, int[] tsihs, int before) throws IOException {
    byte[] data = new byte[8192];
    for (int i = 0; i < times; i++) {
      Session session =
          Session.login(
              portal, LoginOptions.normal("iqn.2026-11.org.jtgt.itests:cycles" + i % 7, TARGET));
      tsihs[before + i] = session.tsih();
      session.logicalUnit(0).clearUnitAttentions();
      session.logicalUnit(0).write(i % 100, data, 512);
      session.logicalUnit(0).read(i % 100, 16, 512);
      if (i % 3 == 0) {
        session.drop();
      } else {
        session.logout();
        session.close();
      }
    }
    Container.eventually(() -> {
      assertThat(rows("session")).isEmpty();
      assertThat(rows("connection")).isEmpty();
      return true;
    });
    return before + times;
  }

  private Collection<StateRow> rows(String kind) throws InvalidSyntaxException {
    return context
        .getServiceReferences(StateSource.class, "(" + StateSource.KIND + "=" + kind + ")")
        .stream()
        .flatMap(this::rowsOf)
        .toList();
  }

  private Stream<StateRow> rowsOf(ServiceReference<StateSource> reference) {
    StateSource source = context.getService(reference);
    return source == null ? Stream.empty() : source.rows().stream();
  }

  /** When what the tests before have left to the collector is closed. */
  private static Holdings settled() throws IOException, InterruptedException {
    Holdings before = holdings();
    while (true) {
      Thread.sleep(200);
      Holdings now = holdings();
      if (now.descriptors() >= before.descriptors()) {
        return now;
      }
      before = now;
    }
  }

  private static Holdings holdings() throws IOException {
    Set<String> threads = new TreeSet<>();
    Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        // The JDK's own, which serves timers of tests before and counts its threads on.
        .filter(name -> !name.startsWith("ForkJoinPool"))
        .forEach(threads::add);
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    long descriptors;
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      descriptors = open.count();
    }
    long heap = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      heap = Math.min(heap, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return new Holdings(threads, descriptors, direct, heap);
  }
}
