// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Map;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/**
 * Target port groups (ALUA) as configurations that come, change and go under logged-in initiators.
 */
class PortGroupTest {
  private static final String GROUP = "org.jtgt.scsi.portgroup";
  private static final int ACTIVE = 0;
  private static final int STANDBY = 0x2040b;
  private static final int UNAVAILABLE = 0x2040c;

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private Disk disk;
  private InetSocketAddress second;

  @BeforeEach
  void serveAtTwoPortalGroups() throws Exception {
    container = new Container(context, configurationAdmin);
    disk =
        new Disk(container, context, "pg")
            .with("org.jtgt.backstore.memory", Map.of("size", "1M"), Map.of())
            .serve();
    second = FreePort.ofLoopback();
    container.configure(
        "org.jtgt.iscsi.portal",
        "pg2",
        Map.of("address", "127.0.0.1", "port", second.getPort(), "tag", 4711));
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  private static Map<String, Object> group(String state) {
    return Map.of("id", 47, "ports", new String[] {"*,t,0x1267"}, "state", state, "explicit", true);
  }

  @Test
  void aGroupIsSeenAtOnceChangedByInitiatorsAndOperatorAndForgottenWithItsConfiguration()
      throws Exception {
    try (Session one = disk.login();
        Session two = Container.login(second, disk.target())) {
      LogicalUnit optimized = one.logicalUnit(0);
      LogicalUnit other = two.logicalUnit(0);
      awaitRead(other, ACTIVE);
      Configuration group = container.configure(GROUP, "pg", group("standby"));
      awaitRead(other, STANDBY);
      awaitRead(optimized, ACTIVE);
      assertThat(optimized.inquiry()[5] & 0x30).as("TPGS: implicit and explicit").isEqualTo(0x30);

      // SET TARGET PORT GROUPS, through the path that works.
      byte[] list = HexFormat.of().parseHex("00000000" + "0000002F");
      byte[] set = HexFormat.of().parseHex("A40A00000000000000080000");
      optimized.out(set, list).requireGood();
      awaitRead(other, ACTIVE);

      group.update(Container.dictionary(group("unavailable")));
      awaitRead(other, UNAVAILABLE);
      awaitRead(optimized, ACTIVE);
      group.delete();
      awaitRead(other, ACTIVE);
      Container.eventually(() -> {
        assertThat(optimized.inquiry()[5] & 0x30).as("TPGS: implicit").isEqualTo(0x10);
        return true;
      });
    }
  }

  /** Waits until a READ ends with GOOD (0) or with this sense key, code and qualifier. */
  private static void awaitRead(LogicalUnit unit, int sense) {
    Container.eventually(() -> {
      ScsiResult result = unit.in(Cdb.read16(0, 1), 512);
      int was = result.sense().map(found -> found.key() << 16 | found.additional()).orElse(ACTIVE);
      assertThat(was).isEqualTo(sense);
      return true;
    });
  }
}
