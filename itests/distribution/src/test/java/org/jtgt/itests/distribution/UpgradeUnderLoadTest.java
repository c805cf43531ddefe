// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.VerifyLoad;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Stores are replaced, changed, and put behind filters while two initiators write and verify. They
 * never log in again and take a unit attention for an error, so nothing but a delay may be seen.
 * The delays are reported, not judged: this machine is everybody's.
 *
 * <p>{@code -Djtgt.upgrades=20} is the long form.
 */
class UpgradeUnderLoadTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:upgrades";
  private static final int TIMES = Integer.getInteger("jtgt.upgrades", 3);
  private static final int DEPTH = 32;
  private static final long BLOCKS = (32 << 20) / 512;

  private final List<VerifyLoad> loads = new ArrayList<>();
  private Distribution jtgt;

  @BeforeEach
  void loadTwoUnits() throws Exception {
    jtgt = new Distribution();
    jtgt.dropDisk("disk0", "32M");
    jtgt.dropDisk("disk1", "32M");
    jtgt.drop("org.jtgt.scsi.target-upgrades.cfg", "name=" + TARGET, "luns=0:disk0,1:disk1");
    jtgt.dropPortal();
    jtgt.start();
    jtgt.login(TARGET).close();
    for (int lun = 0; lun < 2; lun++) {
      LoginOptions options = LoginOptions.normal("iqn.2026-11.org.jtgt.itests:load" + lun, TARGET);
      loads.add(
          new VerifyLoad(jtgt.portal(), options, lun, DEPTH, 0, BLOCKS, System.nanoTime() + lun));
    }
  }

  @AfterEach
  void end() throws Exception {
    try {
      for (VerifyLoad load : loads) {
        load.close();
      }
    } finally {
      jtgt.close();
    }
  }

  @Test
  void initiatorsSeeADelayWhenTheStoreBundleIsReplaced(TestReporter reporter) throws Exception {
    Path shipped = StoreJars.shipped(Distribution.HOME, "org.jtgt.backstore.file");
    String sessions = sessions();
    for (int i = 0; i < TIMES; i++) {
      String version = "0.2." + i;
      progress();
      forgetWorst();
      // The same bundle under the same name and under another one.
      Path jar = jtgt.work().resolve("deploy").resolve("file-" + (i % 2) + ".jar");
      StoreJars.drop(shipped, jar, Map.of("Bundle-Version", version), Map.of());
      jtgt.eventually(() -> {
        assertThat(jtgt.log()).contains("org.jtgt.backstore.file " + version + ": updated by");
        return true;
      });
      progress();
      reporter.publishEntry("store bundle replaced, longest command", worst().toString());
    }
    assertThat(sessions()).isEqualTo(sessions);
  }

  @Test
  void initiatorsSeeADelayWhenTheConfigurationIsChanged(TestReporter reporter) throws Exception {
    Path other =
        Files.createLink(jtgt.work().resolve("same.img"), jtgt.work().resolve("disk0.img"));
    String sessions = sessions();
    for (int i = 0; i < TIMES; i++) {
      progress();
      forgetWorst();
      Path path = i % 2 == 0 ? other : jtgt.work().resolve("disk0.img");
      good("set", "store", "disk0", "path=" + path);
      good("set", "lu", "disk1", "holdSeconds=" + (15 + i));
      progress();
      reporter.publishEntry("configuration changed, longest command", worst().toString());
    }
    assertThat(sessions()).isEqualTo(sessions);
  }

  @Test
  void initiatorsSeeADelayWhenAThrottleIsInsertedAndRemoved(TestReporter reporter)
      throws Exception {
    String sessions = sessions();
    good("create", "throttle", "slow", "store=disk0", "bandwidth=4M", "iops=500");
    for (int i = 0; i < TIMES; i++) {
      progress();
      forgetWorst();
      good("set", "lu", "disk0", "store=slow");
      progress();
      reporter.publishEntry("throttle inserted, longest command", worst().toString());
      forgetWorst();
      good("set", "lu", "disk0", "store=disk0");
      progress();
      reporter.publishEntry("throttle removed, longest command", worst().toString());
    }
    good("rm", "throttle", "slow");
    assertThat(sessions()).isEqualTo(sessions);
  }

  private void good(String... words) throws Exception {
    Distribution.Outcome outcome = jtgt.jtgt(words);
    assertThat(outcome.status()).as(outcome.out()).isZero();
  }

  /** What the target knows of its sessions that a reconnect would change: peer and TSIH. */
  private String sessions() throws Exception {
    // The session that waited for the disks has logged out, and may be shown for a moment.
    String shown =
        jtgt.eventually(() -> {
          String now = jtgt.jtgt("sessions").out();
          assertThat(now).doesNotContain("itests:distribution");
          return now;
        });
    var found = new StringBuilder();
    for (VerifyLoad load : loads) {
      assertThat(shown).contains(String.valueOf(load.tsih()));
    }
    Pattern.compile("127\\.0\\.0\\.1:\\d+|iqn\\.[^ ]*load\\d")
        .matcher(shown)
        .results()
        .map(match -> match.group())
        .sorted()
        .forEach(match -> found.append(match).append('\n'));
    assertThat(found).isNotEmpty();
    return found.toString();
  }

  /** Waits until both loads have gone on by more than what was in flight. */
  private void progress() {
    for (VerifyLoad load : loads) {
      long before = load.completed();
      jtgt.eventually(() -> {
        load.failure()
            .ifPresent(cause -> {
              throw new AssertionError("the load failed", cause);
            });
        assertThat(load.completed()).isGreaterThan(before + 2 * DEPTH);
        return true;
      });
    }
  }

  private void forgetWorst() {
    loads.forEach(VerifyLoad::worstSinceLastAsked);
  }

  private Duration worst() {
    return loads.stream()
        .map(VerifyLoad::worstSinceLastAsked)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
