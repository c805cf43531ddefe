// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.Origin;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** A change of a store that serves is carried out, or refused and nothing changed. */
class StoreChangesTest {
  private static final String FILE = "org.jtgt.backstore.file";
  private static final String MEMORY = "org.jtgt.backstore.memory";
  private static final String THROTTLE = "org.jtgt.backstore.throttle";
  private static final byte[] DATA = new byte[512];

  static {
    DATA[7] = 7;
  }

  @TempDir Path folder;
  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;
  @InjectService Admin admin;

  private Container container;
  private Path image;
  private Disk disk;

  @BeforeEach
  void serve() throws Exception {
    container = new Container(context, configurationAdmin);
    image = folder.resolve("disk.img");
    disk =
        new Disk(container, context, "change")
            .with(FILE, Map.of("path", image.toString(), "size", "4M"), Map.of())
            .with(MEMORY, Map.of("size", "4M"), Map.of())
            .serve();
    try (Session session = disk.login()) {
      for (int lun = 0; lun < 2; lun++) {
        session.logicalUnit(lun).clearUnitAttentions();
        session.logicalUnit(lun).write(0, DATA, 512);
      }
    }
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  private void set(int lun, Map<String, String> values) {
    admin.apply(List.of(new Change.Update("store", disk.label(lun), values)), Origin.COMMAND);
  }

  private ManagedObject store(int lun) {
    return admin.object("store", disk.label(lun)).orElseThrow();
  }

  private void refused(int lun, Map<String, String> values, String why) {
    Map<String, String> before = store(lun).values();
    assertThatThrownBy(() -> set(lun, values))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining(why)
        .hasMessageEndingWith("; nothing was changed");
    assertThat(store(lun).values()).isEqualTo(before);
    // As it was before; the logical unit takes it again a moment later.
    Container.eventually(() -> {
      assertThat(store(lun).state()).isIn("active", "ready");
      assertThat(store(lun).reason()).isEmpty();
      return true;
    });
  }

  private static byte[] read(Session session, int lun) throws IOException {
    LogicalUnit unit = session.logicalUnit(lun);
    unit.clearUnitAttentions();
    return unit.read(0, 1, 512);
  }

  @Test
  void whatAFileCannotBeIsRefusedAndItsDiskGoesOn() throws Exception {
    try (Session session = disk.login()) {
      refused(0, Map.of("size", "2M"), "a store does not shrink");
      refused(0, Map.of("size", "8000000T"), "cannot have 8000000T");
      Path other = folder.resolve("other.img");
      refused(0, Map.of("path", other.toString()), other + " does not exist");
      assertThat(other).doesNotExist();
      assertThat(read(session, 0)).isEqualTo(DATA);
      assertThat(Files.size(image)).isEqualTo(4 << 20);
    }
  }

  @Test
  void aLargerSizeGrowsTheDiskInUse() throws Exception {
    try (Session session = disk.login()) {
      for (int lun = 0; lun < 2; lun++) {
        set(lun, Map.of("size", "8M"));
        LogicalUnit unit = session.logicalUnit(lun);
        Container.eventually(() -> {
          unit.clearUnitAttentions();
          assertThat(unit.capacity().blocks()).isEqualTo((8 << 20) / 512);
          return true;
        });
        assertThat(read(session, lun)).isEqualTo(DATA);
        unit.write((8 << 20) / 512 - 1, DATA, 512);
      }
    }
    assertThat(Files.size(image)).isEqualTo(8 << 20);
  }

  @Test
  void readOnlyIsInForceWhenItIsSaidToBe() throws Exception {
    try (Session session = disk.login()) {
      set(0, Map.of("readOnly", "true"));
      LogicalUnit unit = session.logicalUnit(0);
      Sense sense =
          Container.eventually(() -> {
            unit.clearUnitAttentions();
            return unit.out(Cdb.write16(0, 1), new byte[512]).sense().orElseThrow();
          });
      assertThat(sense.additional()).isEqualTo(0x2700);
      assertThat(read(session, 0)).isEqualTo(DATA);
    }
  }

  @Test
  void aMemoryStoreDoesNotShrink() throws Exception {
    try (Session session = disk.login()) {
      refused(1, Map.of("size", "2M"), "size: '2M' is less than the present 4M");
      assertThat(read(session, 1)).isEqualTo(DATA);
    }
  }

  @Test
  void whatAFilterRefusesIsTakenBack() throws Exception {
    String name = disk.label(0) + "slow";
    container.configure(THROTTLE, name, Map.of("store", disk.label(0), "iops", 1000L));
    Container.eventually(() -> {
      assertThat(admin.object("store", name).orElseThrow().state()).isEqualTo("ready");
      return true;
    });
    assertThatThrownBy(() ->
            admin.apply(
                List.of(new Change.Update("throttle", name, Map.of("store", name))),
                Origin.COMMAND))
        .isInstanceOf(AdminException.class);
    assertThat(admin.object("store", name).orElseThrow().values())
        .containsEntry("store", disk.label(0));
    assertThat(admin.object("store", name).orElseThrow().state()).isEqualTo("ready");
  }
}
