// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URL;
import java.util.Map;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/**
 * A store bundle that was compiled against version 1.0 of the contract, once, serves I/O today
 * (itests/store-api-1.0).
 */
class FirstContractTest {
  private static final String BLOCKING = "org.jtgt.itests.store10.blocking";
  private static final String ASYNCHRONOUS = "org.jtgt.itests.store10.asynchronous";

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private Bundle stores;

  @BeforeEach
  void begin() throws Exception {
    container = new Container(context, configurationAdmin);
    URL jar = context.getBundle().getEntry("store10.jar");
    try (InputStream content = jar.openStream()) {
      stores = context.installBundle("store10", content);
    }
    stores.start();
  }

  @AfterEach
  void end() throws Exception {
    container.close();
    stores.uninstall();
  }

  @Test
  void storesOfTheFirstContractServeTheirData() throws Exception {
    Disk disk =
        new Disk(container, context, "first")
            .with(BLOCKING, Map.of("size", "1M"), Map.of())
            .with(ASYNCHRONOUS, Map.of("size", "1M"), Map.of())
            .serve();
    try (Session session = disk.login()) {
      for (int lun = 0; lun < 2; lun++) {
        LogicalUnit unit = session.logicalUnit(lun);
        unit.clearUnitAttentions();
        assertThat(unit.capacity().blocks()).isEqualTo(2048);
        byte[] data = new byte[65_536];
        new Random(lun).nextBytes(data);
        unit.write(100, data, 512);
        assertThat(unit.read(100, 128, 512)).isEqualTo(data);
        unit.synchronizeCache();
      }
      LogicalUnit blocking = session.logicalUnit(0);
      Sense bad = blocking.out(Cdb.write10(2047, 1), new byte[512]).sense().orElseThrow();
      assertThat(bad.key()).isEqualTo(Sense.MEDIUM_ERROR);
    }
  }

  @Test
  void itGrowsInUse() throws Exception {
    Disk disk = new Disk(container, context, "first");
    disk.with(BLOCKING, Map.of("size", "1M"), Map.of()).serve();
    try (Session session = disk.login()) {
      container.configure(BLOCKING, disk.label(0), Map.of("size", "2M"));
      Container.eventually(() -> {
        session.logicalUnit(0).clearUnitAttentions();
        assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo(4096);
        return true;
      });
    }
  }
}
