// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private final Fixture fixture = new Fixture();

  private ManagedObject object(String type, String name) {
    return fixture.admin.object(type, name).orElseThrow();
  }

  @Test
  void whatWasMadeIsListedByCategoryAndNameWithItsOrigin() {
    fixture.disk0();

    assertThat(fixture.admin.objects())
        .extracting(ManagedObject::category, ManagedObject::name, ManagedObject::origin)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(Category.STORE, "disk0", Origin.COMMAND),
            org.assertj.core.groups.Tuple.tuple(Category.LU, "disk0", Origin.COMMAND),
            org.assertj.core.groups.Tuple.tuple(Category.TARGET, "disk0", Origin.COMMAND));
    assertThat(object("store", "disk0").values())
        .containsExactly(Map.entry("path", "/data/disk0"), Map.entry("size", "1G"));
  }

  @Test
  void aTargetIsFoundByItsIscsiName() {
    fixture.command(new Change.Create("target", "iqn.2026-11.org.example:a", Map.of()));

    assertThat(object("target", "iqn.2026-11.org.example:a").values())
        .containsEntry("name", "iqn.2026-11.org.example:a");
  }

  @Test
  void theSecondCreateOfANameIsRefused() {
    fixture.disk0();

    assertThatThrownBy(
            () -> fixture.command(new Change.Create("lu", "disk0", Map.of("store", "x"))))
        .hasMessage("org.jtgt.scsi.lu~disk0: exists already, made by a command");
  }

  @Test
  void anUpdateKeepsTheOtherKeysAndAnEmptyTextGivesAKeyUp() {
    fixture.command(new Change.Create("lu", "a", Map.of("store", "s", "blockSize", "4096")));

    fixture.command(new Change.Update("lu", "a", Map.of("holdSeconds", "5", "blockSize", "")));

    assertThat(object("lu", "a").values())
        .containsExactly(Map.entry("store", "s"), Map.entry("holdSeconds", "5"));
  }

  @Test
  void theResultTellsWhatWasMadeFromWhatWasChanged() {
    fixture.command(new Change.Create("memory", "a", Map.of("size", "1G")));
    Result result =
        fixture.as(
            Origin.COMMAND,
            new Change.Update("memory", "a", Map.of("size", "2G")),
            new Change.Create("memory", "b", Map.of("size", "1G")));

    assertThat(result.pids())
        .containsExactlyInAnyOrder("org.jtgt.backstore.memory~a", "org.jtgt.backstore.memory~b");
    assertThat(result.made()).containsExactly("org.jtgt.backstore.memory~b");
  }

  @Test
  void settingsAreChangedWithoutBeingMadeFirst() {
    fixture.command(new Change.Update("settings", "scsi", Map.of("transferBudget", "1G")));

    assertThat(fixture.configurations.properties("org.jtgt.scsi"))
        .containsEntry("transferBudget", "1G");
  }

  @Test
  void whatIsInUseIsRemovedOnlyByForce() {
    fixture.disk0();
    fixture.live(
        "session", "1", "", Map.of("target", "iqn.2026-11.org.jtgt:disk0", "initiator", "iqn.i"));

    assertThatThrownBy(() -> fixture.command(new Change.Remove("store", "disk0", false)))
        .hasMessage(
            "org.jtgt.backstore.file~disk0: is in use by lu disk0; remove it all the same with"
                + " --force");
    assertThatThrownBy(() -> fixture.command(new Change.Remove("lu", "disk0", false)))
        .hasMessageContaining("is in use by target disk0 LUN 0");
    assertThatThrownBy(() -> fixture.command(new Change.Remove("target", "disk0", false)))
        .hasMessageContaining("is in use by session 1 of iqn.i");
    assertThatThrownBy(() -> fixture.command(new Change.UnmapLun("disk0", "0", false)))
        .hasMessageContaining("is in use by session 1 of iqn.i");

    assertThat(fixture.command(new Change.Remove("target", "disk0", true)).warnings())
        .containsExactly(
            "org.jtgt.scsi.target~disk0: removed although in use by session 1 of iqn.i");
    assertThat(fixture.admin.object("target", "disk0")).isEmpty();
  }

  @Test
  void aWholeDiskIsRemovedInOneStepWithoutForce() {
    fixture.disk0();

    fixture.command(
        new Change.Remove("target", "disk0", false),
        new Change.Remove("lu", "disk0", false),
        new Change.Remove("store", "disk0", false));

    assertThat(fixture.configurations.count()).isZero();
  }

  @Test
  void removingWhatIsNotThereNamesWhatIs() {
    fixture.disk0();

    assertThatThrownBy(() -> fixture.command(new Change.Remove("lu", "disk1", false)))
        .hasMessage("there is no lu 'disk1'; did you mean 'disk0'?");
  }

  @Test
  void theLowestFreeLunIsTakenWhenNoneIsGiven() {
    fixture.disk0();

    fixture.command(new Change.MapLun("disk0", OptionalInt.of(2), "c"));
    fixture.command(new Change.MapLun("disk0", OptionalInt.empty(), "b"));
    assertThat(object("target", "disk0").values()).containsEntry("luns", "0:disk0,2:c,1:b");

    fixture.command(new Change.UnmapLun("disk0", "c", false));
    assertThat(object("target", "disk0").values()).containsEntry("luns", "0:disk0,1:b");
    assertThatThrownBy(() -> fixture.command(new Change.MapLun("disk0", OptionalInt.of(1), "x")))
        .hasMessageContaining("LUN 1 is mapped already");
  }

  @Test
  void theLastLunCanBeTakenOut() {
    fixture.disk0();

    fixture.command(new Change.UnmapLun("disk0", "0", false));

    assertThat(object("target", "disk0").values()).doesNotContainKey("luns");
  }

  @Test
  void whenOneChangeIsRefusedNoneIsMade() {
    assertThatThrownBy(() ->
            fixture.command(
                new Change.Create("memory", "a", Map.of("size", "1M")),
                new Change.Create("lu", "a", Map.of("stor", "a"))))
        .isInstanceOf(AdminException.class);

    assertThat(fixture.configurations.count()).isZero();
  }

  @Test
  void whatWasStoredBeforeAFailureIsUndone() {
    fixture.command(new Change.Create("target", "t", Map.of()));
    fixture.configurations.failOn("org.jtgt.scsi.lu~a");

    assertThatThrownBy(() ->
            fixture.command(
                new Change.Remove("target", "t", false),
                new Change.Create("memory", "a", Map.of("size", "1M")),
                new Change.Create("lu", "a", Map.of("store", "a"))))
        .hasMessage("org.jtgt.scsi.lu~a: cannot be stored: no space left on device");

    assertThat(fixture.configurations.exists("org.jtgt.scsi.target~t")).isTrue();
    assertThat(fixture.configurations.exists("org.jtgt.backstore.memory~a")).isFalse();
    assertThat(fixture.configurations.exists("org.jtgt.scsi.lu~a")).isFalse();
  }

  @Test
  void concurrentMapsLoseNoneOfThem() throws Exception {
    fixture.command(new Change.Create("target", "t", Map.of()));
    var maps = new ArrayList<Future<?>>();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        String lu = "lu" + i;
        maps.add(
            pool.submit(() -> fixture.command(new Change.MapLun("t", OptionalInt.empty(), lu))));
      }
    }
    for (Future<?> map : maps) {
      map.get();
    }

    List<String> luns = List.of(object("target", "t").values().getOrDefault("luns", "").split(","));
    assertThat(luns).hasSize(100);
    assertThat(luns.stream().map(l -> l.substring(0, l.indexOf(':'))).distinct()).hasSize(100);
  }

  @Test
  void ofConcurrentCreatesOfOneNameOneWins() throws Exception {
    var creates = new ArrayList<Future<Boolean>>();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        String size = (i + 1) + "M";
        creates.add(
            pool.submit(() -> {
              try {
                fixture.command(new Change.Create("memory", "a", Map.of("size", size)));
                return true;
              } catch (AdminException exists) {
                return false;
              }
            }));
      }
    }
    int won = 0;
    for (Future<Boolean> create : creates) {
      won += create.get() ? 1 : 0;
    }
    assertThat(won).isOne();
  }

  @Test
  void theStateTellsWhyAnObjectIsNotWell() {
    fixture.disk0();
    fixture.components.put("org.jtgt.backstore.file~disk0", new Condition("failed", "path: gone"));
    fixture.components.put("org.jtgt.scsi.lu~disk0", new Condition("active", ""));
    fixture.live(
        "lu",
        "disk0",
        "org.jtgt.scsi.lu~disk0",
        Map.of("state", "absent", "reason", "no store disk0"));

    assertThat(object("store", "disk0"))
        .extracting(ManagedObject::state, ManagedObject::reason)
        .containsExactly("failed", "path: gone");
    assertThat(object("lu", "disk0"))
        .extracting(ManagedObject::state, ManagedObject::reason)
        .containsExactly("absent", "no store disk0");
    assertThat(object("target", "disk0").state()).isEqualTo("waiting");
  }

  @Test
  void anObjectWhoseBundleIsMissingSaysSo() {
    fixture.disk0();
    fixture.types.removeIf(t -> t.word().equals("file"));

    assertThat(object("store", "disk0"))
        .extracting(ManagedObject::state, ManagedObject::reason)
        .containsExactly("absent", "no installed bundle offers the type org.jtgt.backstore.file");
  }

  @Test
  void passwordsAreNotShown() {
    fixture.command(new Change.Create("target", "t", Map.of("secret", "sesame")));

    assertThat(object("target", "t").values()).isEmpty();
    assertThat(fixture.configurations.properties("org.jtgt.scsi.target~t"))
        .containsEntry("secret", "sesame");
  }
}
