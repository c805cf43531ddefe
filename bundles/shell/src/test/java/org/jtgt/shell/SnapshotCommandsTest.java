// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotCommandsTest {
  private final MemoryAdmin admin = new MemoryAdmin();
  @TempDir Path state;

  private Commands.Answer run(String... words) {
    return new Commands(
            admin,
            new Disks(admin, Optional.of(state)),
            new Settling(admin, 0),
            Optional::empty,
            notice -> {})
        .run(words[0], List.of(words).subList(1, words.length));
  }

  @BeforeEach
  void twoDisks() {
    for (String name : List.of("disk1", "disk2")) {
      admin.add("file", Category.STORE, name, "active", Map.of("path", "/srv/" + name));
      admin.add("lu", Category.LU, name, "ready", Map.of("store", name));
    }
  }

  private void snapshot(String disk, String store, String name) {
    admin.snapshots.add(
        new StateRow(
            disk + "@" + name,
            "",
            Map.of("store", store, "snapshot", name, "created", Instant.EPOCH)));
  }

  @Test
  void theFirstSnapshotPutsAnOverlayUnderTheDiskAndSaysWhereItWrites() {
    Commands.Answer answer = run("snapshot", "disk1@monday", "limit=2G");
    assertThat(answer.output())
        .isEqualTo(
            """
            disk1: stands on the overlay disk1.cow now; what is written lies in \
            %s/overlays/disk1.cow
            disk1@monday: taken; I/O waited 3 ms
            """
                .formatted(state));
    assertThat(admin.contentChanges)
        .containsExactly(
            new ContentChange.Cover(
                "disk1", "disk1.cow", Map.of("limit", "2G", "path", state + "/overlays/disk1.cow")),
            new ContentChange.TakeSnapshot(List.of("disk1"), "monday"));
  }

  @Test
  void severalDisksAreTakenAtOneMomentAndUnderOneName() {
    admin.keepers.addAll(List.of("disk1", "disk2"));
    assertThat(run("snapshot", "disk1@a", "disk2@a").status()).isZero();
    assertThat(admin.contentChanges)
        .containsExactly(new ContentChange.TakeSnapshot(List.of("disk1", "disk2"), "a"));
    assertThat(run("snapshot", "disk1@a", "disk2@b").status()).isEqualTo(Refusal.USAGE);
    assertThat(run("snapshot", "disk1@c", "path=/srv/x").errors()).contains("first snapshot");
    assertThat(run("snapshot", "disk1").errors()).contains("allowed: DISK@SNAPSHOT");
    assertThat(run("snapshot", "disk1@a b").errors()).contains("the name 'a b' is not allowed");
  }

  @Test
  void aCloneIsAnOverlayOnTheSnapshotOfTheStoreThatHoldsTheData() {
    admin.objects.clear();
    admin.add("overlay", Category.STORE, "disk1.cow", "ready", Map.of("base", "disk1"));
    admin.add("throttle", Category.STORE, "slow", "ready", Map.of("store", "disk1.cow"));
    admin.add("lu", Category.LU, "disk1", "ready", Map.of("store", "slow"));
    snapshot("disk1", "slow", "monday");
    run("clone", "disk1@monday", "test", "limit=1G");
    assertThat(admin.changes)
        .containsExactly(
            new Change.Create(
                "snapshot", "test.base", Map.of("of", "disk1.cow", "snapshot", "monday")),
            new Change.Create(
                "overlay",
                "test",
                Map.of("base", "test.base", "limit", "1G", "path", state + "/overlays/test")),
            new Change.Create("lu", "test", Map.of("store", "test", "readOnly", "false")),
            new Change.Create("target", "test", Map.of()),
            new Change.MapLun("test", OptionalInt.empty(), "test"));
    admin.changes.clear();
    run("clone", "disk1@monday", "look", "readOnly=true", "target=t", "lun=4");
    assertThat(admin.changes)
        .containsExactly(
            new Change.Create("snapshot", "look", Map.of("of", "disk1.cow", "snapshot", "monday")),
            new Change.Create("lu", "look", Map.of("store", "look", "readOnly", "true")),
            new Change.Create("target", "t", Map.of()),
            new Change.MapLun("t", OptionalInt.of(4), "look"));
    assertThat(run("clone", "disk1@tuesday", "x").errors())
        .isEqualTo("clone: there is no snapshot 'disk1@tuesday'; there is disk1@monday\n");
  }

  @Test
  void removingADiskRemovesWhatWasMadeWithIt() {
    admin.objects.clear();
    admin.add("snapshot", Category.STORE, "test.base", "ready", Map.of("of", "disk1.cow"));
    admin.add("overlay", Category.STORE, "test", "ready", Map.of("base", "test.base"));
    admin.add("lu", Category.LU, "test", "ready", Map.of("store", "test"));
    run("rm", "disk", "test");
    assertThat(admin.changes)
        .containsExactly(
            new Change.Remove("lu", "test", false),
            new Change.Remove("store", "test", false),
            new Change.Remove("store", "test.base", false));
  }

  @Test
  void snapshotsAreListedWithWhatShowsThem() {
    snapshot("disk1", "disk1.cow", "monday");
    snapshot("disk2", "disk2.cow", "monday");
    admin.objects.clear();
    admin.add("overlay", Category.STORE, "disk1.cow", "ready", Map.of("base", "disk1"));
    admin.add("lu", Category.LU, "disk1", "ready", Map.of("store", "disk1.cow"));
    admin.add(
        "snapshot",
        Category.STORE,
        "look",
        "ready",
        Map.of("of", "disk1.cow", "snapshot", "monday"));
    assertThat(run("snapshots").output().lines()).hasSize(3);
    assertThat(run("snapshots", "disk1").output())
        .contains("disk1@monday", "1970-01-01T00:00:00Z", "look")
        .doesNotContain("disk2");
    assertThat(run("snapshots", "disk3").output()).isEqualTo("There is none.\n");
  }

  @Test
  void rollingBackDiscardingCommittingAndDeletingSayWhatTheyDid() {
    assertThat(run("rollback", "disk1@monday", "--force").output())
        .isEqualTo("disk1: is as it was at monday; I/O waited 3 ms\n");
    assertThat(run("discard", "disk1").output())
        .isEqualTo("disk1: is as its base; I/O waited 3 ms\n");
    assertThat(run("commit", "disk1", "--detach").output())
        .isEqualTo("disk1: stands on its base, which holds all\n");
    assertThat(run("rm", "snapshot", "disk1@monday").output()).isEqualTo("disk1@monday: removed\n");
    assertThat(admin.contentChanges)
        .containsExactly(
            new ContentChange.RollBack("disk1", "monday", true),
            new ContentChange.Discard("disk1", false),
            new ContentChange.Commit("disk1", true),
            new ContentChange.DeleteSnapshot("disk1", "monday"));
    admin.refusal =
        Optional.of(new AdminException(Problem.IN_USE, "", "", "disk1", "disk1 is in use by x"));
    assertThat(run("rollback", "disk1@monday"))
        .isEqualTo(new Commands.Answer("", "rollback: disk1 is in use by x\n", Refusal.FAILED));
  }

  @Test
  void completionKnowsDisksAndSnapshots() {
    snapshot("disk1", "disk1.cow", "monday");
    var completion = new Completion(admin);
    assertThat(completion.candidates(List.of("snapshot"), "")).containsKeys("disk1@", "disk2@");
    assertThat(completion.candidates(List.of("rollback"), ""))
        .containsKeys("disk1@monday", "--force");
    assertThat(completion.candidates(List.of("rm", "snapshot"), "")).containsKey("disk1@monday");
    assertThat(completion.candidates(List.of("commit"), "")).containsKeys("disk1", "--detach");
    assertThat(completion.candidates(List.of("clone", "disk1@monday", "x"), ""))
        .containsKeys("readOnly=true", "target=");
  }
}
