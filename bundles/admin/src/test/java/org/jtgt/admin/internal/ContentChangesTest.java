// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.state.ContentControl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots and overlays, as far as configurations are concerned. */
class ContentChangesTest {
  private final Fixture fixture = new Fixture();
  private final List<String> done = new ArrayList<>();
  private boolean keeps = true;

  private final class Control implements ContentControl {
    @Override
    public boolean keepsSnapshots(String name) {
      return keeps;
    }

    @Override
    public Duration takeSnapshot(List<String> names, String snapshot) throws IOException {
      if (snapshot.equals("full")) {
        throw new IOException("no space");
      }
      done.add("take " + names + snapshot);
      return Duration.ofMillis(2);
    }

    @Override
    public void deleteSnapshot(String name, String snapshot) {
      done.add("delete " + name + "@" + snapshot);
    }

    @Override
    public Duration rollBack(String name, String snapshot) {
      done.add("back " + name + "@" + snapshot);
      return Duration.ZERO;
    }

    @Override
    public void commit(String name, boolean writeThrough) {
      done.add("commit " + name + " " + writeThrough);
    }

    @Override
    public Duration discard(String name) {
      done.add("discard " + name);
      return Duration.ZERO;
    }
  }

  @BeforeEach
  void oneDisk() {
    fixture.disk0();
    fixture.control = new Control();
  }

  private void cover() {
    fixture.admin.carryOut(
        new ContentChange.Cover("disk0", "disk0.cow", Map.of("path", "/srv/disk0.cow")));
  }

  private String value(String type, String name, String key) {
    return fixture.admin.object(type, name).map(o -> o.values().get(key)).orElse("none");
  }

  @Test
  void anOverlayIsPutUnderADiskAndItsFilters() {
    fixture.command(new Change.Create("throttle", "slow", Map.of("store", "disk0")));
    fixture.command(new Change.Update("lu", "disk0", Map.of("store", "slow")));
    cover();
    assertThat(value("lu", "disk0", "store")).isEqualTo("slow");
    assertThat(value("store", "slow", "store")).isEqualTo("disk0.cow");
    assertThat(value("store", "disk0.cow", "base")).isEqualTo("disk0");
  }

  @Test
  void anOverlayThatDoesNotComeUpIsTakenAwayAgain() {
    keeps = false;
    assertThatThrownBy(this::cover).hasMessageContaining("did not come up on store disk0");
    assertThat(value("lu", "disk0", "store")).isEqualTo("disk0");
    assertThat(fixture.admin.object("store", "disk0.cow")).isEmpty();
  }

  @Test
  void committingWithDetachGivesTheDiskItsStoreBack() {
    cover();
    fixture.admin.carryOut(new ContentChange.Commit("disk0", true));
    assertThat(done).containsExactly("commit disk0 true");
    assertThat(value("lu", "disk0", "store")).isEqualTo("disk0");
    assertThat(fixture.admin.object("store", "disk0.cow")).isEmpty();
  }

  @Test
  void aBaseOfTwoIsNotCommittedTo() {
    cover();
    fixture.command(
        new Change.Create("overlay", "other", Map.of("base", "disk0", "path", "/srv/other")));
    assertThatThrownBy(() -> fixture.admin.carryOut(new ContentChange.Commit("disk0", false)))
        .hasMessageContaining("'disk0' is also the base of other");
    assertThat(done).isEmpty();
  }

  @Test
  void whatInitiatorsUseIsRolledBackOnlyWhenForced() {
    fixture.live("session", "1", "", Map.of("target", "t0"));
    fixture.command(new Change.Create("target", "t0", Map.of("luns", "0:disk0")));
    assertThatThrownBy(
            () -> fixture.admin.carryOut(new ContentChange.RollBack("disk0", "a", false)))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("disk0 is in use by session 1");
    assertThatThrownBy(() -> fixture.admin.carryOut(new ContentChange.Discard("disk0", false)))
        .hasMessageContaining("with --force");
    assertThat(done).isEmpty();
    fixture.admin.carryOut(new ContentChange.RollBack("disk0", "a", true));
    assertThat(done).containsExactly("back disk0@a");
  }

  @Test
  void whatIsNoDiskIsToldWithWhatThereIs() {
    for (ContentChange change :
        List.of(
            new ContentChange.TakeSnapshot(List.of("disk0", "elsewhere"), "a"),
            new ContentChange.DeleteSnapshot("elsewhere", "a"),
            new ContentChange.RollBack("elsewhere", "a", true),
            new ContentChange.Discard("elsewhere", true),
            new ContentChange.Commit("elsewhere", false))) {
      assertThatThrownBy(() -> fixture.admin.carryOut(change))
          .hasMessage("there is no disk 'elsewhere'; allowed: disk0");
    }
    assertThat(done).isEmpty();
  }

  private void requireRefused(String name) {
    assertThatThrownBy(() -> fixture.admin.carryOut(new ContentChange.RollBack(name, "a", false)))
        .hasMessageStartingWith(name + " is in use by session 1;");
    assertThatThrownBy(() -> fixture.admin.carryOut(new ContentChange.Discard(name, false)))
        .hasMessageStartingWith(name + " is in use by session 1;");
    assertThat(done).isEmpty();
  }

  private void sessions() {
    fixture.live("session", "1", "", Map.of("target", "t1"));
    fixture.live("session", "2", "", Map.of("target", "other"));
    fixture.command(
        new Change.Create("target", "t1", Map.of()),
        new Change.Create("target", "other", Map.of()));
  }

  @Test
  void whatInitiatorsUseByAnAccessRuleIsRolledBackOnlyWhenForced() {
    sessions();
    for (String targets : List.of("t1", "T?", "nobody,IQN.*:t1")) {
      fixture.command(
          new Change.Create("access", "r", Map.of("targets", targets, "luns", "3:disk0")));
      requireRefused("disk0");
      fixture.command(new Change.Remove("access", "r", true));
    }
    fixture.command(new Change.Create("access", "r", Map.of("targets", "t", "luns", "3:disk0")));
    fixture.admin.carryOut(new ContentChange.RollBack("disk0", "a", false));
    assertThat(done).containsExactly("back disk0@a");
  }

  @Test
  void whatInitiatorsUseIsNotRolledBackByTheNameOfItsStore() {
    cover();
    sessions();
    fixture.command(new Change.MapLun("t1", OptionalInt.empty(), "disk0"));
    requireRefused("disk0.cow");
  }

  @Test
  void whatInitiatorsUseByAnotherUnitOfTheStoreIsRolledBackOnlyWhenForced() {
    sessions();
    fixture.command(
        new Change.Create("throttle", "slow", Map.of("store", "disk0")),
        new Change.Create("lu", "second", Map.of("store", "slow")),
        new Change.MapLun("t1", OptionalInt.empty(), "second"));
    requireRefused("disk0");
  }

  @Test
  void whatInitiatorsUseInAnotherFormIsRolledBackOnlyWhenForced() {
    sessions();
    fixture.command(
        new Change.Create("memory", "m", Map.of("size", "1M")),
        new Change.Create("crypt", "c", Map.of("base", "m")),
        new Change.Create("lu", "plain", Map.of("store", "c")),
        new Change.MapLun("t1", OptionalInt.empty(), "plain"));
    requireRefused("m");
  }

  @Test
  void whoUsesOnlyWhatADiskWasDoesNotKeepItFromBeingRolledBack() {
    cover();
    sessions();
    fixture.command(
        new Change.Create("snapshot", "look", Map.of("of", "disk0.cow", "snapshot", "a")),
        new Change.Create("overlay", "copy", Map.of("base", "look", "path", "/srv/copy")),
        new Change.Create("lu", "look", Map.of("store", "look")),
        new Change.Create("lu", "copy", Map.of("store", "copy")),
        new Change.MapLun("t1", OptionalInt.empty(), "look"),
        new Change.MapLun("t1", OptionalInt.empty(), "copy"));
    fixture.admin.carryOut(new ContentChange.RollBack("disk0", "b", false));
    assertThat(done).containsExactly("back disk0@b");
  }

  @Test
  void aSnapshotThatIsShownIsNotDeletedAndNeitherIsTheStoreThatKeepsIt() {
    cover();
    fixture.command(
        new Change.Create("snapshot", "look", Map.of("of", "disk0.cow", "snapshot", "a")));
    assertThatThrownBy(() -> fixture.admin.carryOut(new ContentChange.DeleteSnapshot("disk0", "a")))
        .hasMessage("snapshot a of disk0 is in use by store look; remove that first");
    fixture.admin.carryOut(new ContentChange.DeleteSnapshot("disk0", "b"));
    assertThat(done).containsExactly("delete disk0@b");
    fixture.command(new Change.Update("lu", "disk0", Map.of("store", "disk0.cow")));
    assertThatThrownBy(() -> fixture.command(new Change.Remove("store", "disk0.cow", false)))
        .hasMessageContaining("store look");
    // What is past can be shown and stood on at once.
    fixture.command(new Change.Create("lu", "look", Map.of("store", "look")));
    fixture.command(
        new Change.Create("overlay", "clone", Map.of("base", "look", "path", "/srv/clone")));
  }

  @Test
  void aRefusalOfTheStoreIsOneLine() {
    assertThatThrownBy(
            () -> fixture.admin.carryOut(new ContentChange.TakeSnapshot(List.of("disk0"), "full")))
        .isInstanceOf(AdminException.class)
        .hasMessage("no space");
    fixture.control = null;
    assertThatThrownBy(
            () -> fixture.admin.carryOut(new ContentChange.TakeSnapshot(List.of("disk0"), "a")))
        .hasMessage("no logical units are served now");
  }
}
