// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** Configurations become a disk, in any order and one by one, and the parts come and go. */
class ServingTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:serving";

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private InetSocketAddress portal;

  @BeforeEach
  void serve() throws Exception {
    container = new Container(context, configurationAdmin);
    portal = FreePort.ofLoopback();
    container.configure(
        "org.jtgt.iscsi.portal", "itest", Map.of("address", "127.0.0.1", "port", portal.getPort()));
    container.configure(
        "org.jtgt.scsi.target", "itest", Map.of("name", TARGET, "luns", new String[] {"0:itest0"}));
    container.configure("org.jtgt.scsi.lu", "itest0", Map.of("store", "itest0"));
    container.configure("org.jtgt.backstore.memory", "itest0", Map.of("size", "64M"));
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  @Test
  void aDiskMadeOfConfigurationsReadsBackWhatWasWritten() throws Exception {
    try (Session session = Container.login(portal, TARGET)) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo((64 << 20) / 512);
      verifyIo(session.logicalUnit(0), 1);
    }
  }

  @Test
  void aLunAddedUnderASessionAppearsInItWithoutARelogin() throws Exception {
    try (Session session = Container.login(portal, TARGET)) {
      container.configure("org.jtgt.backstore.memory", "itest1", Map.of("size", "8M"));
      container.configure("org.jtgt.scsi.lu", "itest1", Map.of("store", "itest1"));
      container.configure(
          "org.jtgt.scsi.target",
          "itest",
          Map.of("name", TARGET, "luns", new String[] {"0:itest0", "1:itest1"}));
      Container.eventually(() -> {
        session.logicalUnit(1).clearUnitAttentions();
        return verifyIo(session.logicalUnit(1), 2);
      });
      session.logicalUnit(0).clearUnitAttentions();
      verifyIo(session.logicalUnit(0), 3);
    }
  }

  @Test
  void aStoreThatIsReconfiguredAwayAndBackOnlyDelaysACommand() throws Exception {
    Configuration nullStore =
        container.configure("org.jtgt.backstore.null", "itest2", Map.of("size", "8M"));
    container.configure("org.jtgt.scsi.lu", "itest2", Map.of("store", "itest2"));
    container.configure(
        "org.jtgt.scsi.target",
        "itest",
        Map.of("name", TARGET, "luns", new String[] {"0:itest0", "1:itest2"}));
    try (Session session = Container.login(portal, TARGET)) {
      Container.eventually(() -> session.logicalUnit(1).clearUnitAttentions());
      nullStore.delete();
      Thread back =
          Thread.ofPlatform()
              .start(() ->
                  Container.eventually(() ->
                      container.configure(
                          "org.jtgt.backstore.null", "itest2", Map.of("size", "8M"))));
      byte[] read = session.logicalUnit(1).read(0, 8, 512);
      back.join();
      assertThat(read).containsOnly(0);
    }
  }

  @Test
  void aWrongConfigurationDisturbsNoOther() throws Exception {
    try (Session session = Container.login(portal, TARGET)) {
      container.configure("org.jtgt.backstore.memory", "wrong", Map.of("size", "many"));
      container.configure(
          "org.jtgt.scsi.target", "wrong", Map.of("name", "not a name", "luns", "x"));
      container.configure("org.jtgt.iscsi.portal", "wrong", Map.of("address", "nowhere"));
      verifyIo(session.logicalUnit(0), 4);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.jtgt.admin",
        "org.jtgt.deploy",
        "org.jtgt.shell",
        "org.jtgt.backstore.file",
        "org.jtgt.backstore.null"
      })
  void aBundleThatADiskDoesNotNeedIsStoppedWithoutBeingMissed(String name) throws Exception {
    try (Session session = Container.login(portal, TARGET)) {
      Bundle bundle = container.bundle(name);
      bundle.stop();
      try {
        verifyIo(session.logicalUnit(0), 5);
      } finally {
        bundle.start();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"org.jtgt.scsi", "org.jtgt.iscsi"})
  void aBundleThatWasStoppedServesAgainAfterItsStart(String name) throws Exception {
    Container.login(portal, TARGET).close();
    Bundle bundle = container.bundle(name);
    bundle.stop();
    bundle.start();
    try (Session session = Container.login(portal, TARGET)) {
      verifyIo(session.logicalUnit(0), 6);
    }
  }

  /**
   * What a memory store held is gone with its bundle; to serve the new one would be silent loss.
   */
  @Test
  void aStoreThatComesBackAsAnotherIsNotServedInItsPlace() throws Exception {
    try (Session session = Container.login(portal, TARGET)) {
      verifyIo(session.logicalUnit(0), 7);
      Bundle bundle = container.bundle("org.jtgt.backstore.memory");
      bundle.stop();
      bundle.start();
      Sense sense = session.logicalUnit(0).none(Cdb.testUnitReady()).sense().orElseThrow();
      assertThat(List.of(sense.key(), sense.asc(), sense.ascq())).isEqualTo(List.of(2, 0x04, 0x03));
    }
  }

  @Test
  void everyBundleOfOursIsActive() throws BundleException {
    for (Bundle bundle : context.getBundles()) {
      if (bundle.getSymbolicName().startsWith("org.jtgt.")) {
        assertThat(bundle.getState()).as(bundle.getSymbolicName()).isEqualTo(Bundle.ACTIVE);
      }
    }
  }

  private static boolean verifyIo(LogicalUnit unit, long seed) throws Exception {
    byte[] data = new byte[64 * 512];
    new Random(seed).nextBytes(data);
    unit.write(100, data, 512);
    unit.synchronizeCache();
    assertThat(unit.read(100, 64, 512)).isEqualTo(data);
    return true;
  }
}
