// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jtgt.admin.Category;
import org.jtgt.admin.Origin;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFilesTest {
  private static final String LU = "org.jtgt.scsi.lu";

  @TempDir Path etc;
  private final ManualClock clock = new ManualClock();
  private final FakeAdmin admin = new FakeAdmin();
  private Folder folder;
  private ConfigurationFiles files;

  @BeforeEach
  void start() {
    folder = new Folder(etc, ".cfg", clock);
    files = new ConfigurationFiles(admin, Set.of(etc), clock);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(etc.resolve(name), text);
  }

  private void look() throws IOException {
    for (int i = 0; i < Folder.LOOKS_UNTIL_GONE; i++) {
      files.reconcile(Map.of(etc, folder.look()));
    }
  }

  @Test
  void aFileMakesChangesAndRemovesItsObject() throws IOException {
    Path file = write("org.jtgt.scsi.lu-disk-0.cfg", "store=a");
    look();
    assertThat(admin.values(LU + "~disk-0")).containsEntry("store", "a");

    write("org.jtgt.scsi.lu-disk-0.cfg", "store=bb");
    look();
    assertThat(admin.values(LU + "~disk-0")).containsEntry("store", "bb");

    Files.delete(file);
    look();
    assertThat(admin.objects).isEmpty();
  }

  @Test
  void whatWasThereAtTheStartIsMadeStoresFirstAndPortalsLast() throws IOException {
    write("org.jtgt.iscsi.portal-a.cfg", "");
    write("org.jtgt.scsi.target-a.cfg", "");
    write("org.jtgt.scsi.lu-a.cfg", "");
    write("org.jtgt.backstore.file-a.cfg", "");

    look();

    assertThat(admin.made)
        .containsExactly(
            "org.jtgt.backstore.file~a",
            "org.jtgt.scsi.lu~a",
            "org.jtgt.scsi.target~a",
            "org.jtgt.iscsi.portal~a");
  }

  @Test
  void anObjectWhoseFileVanishedWhileStoppedIsRemovedAtTheStartAndOthersAreNot()
      throws IOException {
    admin.put(LU, "vanished", Origin.file(etc.resolve("org.jtgt.scsi.lu-vanished.cfg")), Map.of());
    admin.put(LU, "moved", Origin.file(Path.of("/nowhere/org.jtgt.scsi.lu-moved.cfg")), Map.of());
    admin.put(LU, "byCommand", Origin.COMMAND, Map.of());

    look();

    assertThat(admin.objects).containsOnlyKeys(LU + "~byCommand");
  }

  @Test
  void aFolderThatCannotBeReadLeavesItsObjectsAlone() {
    admin.put(LU, "a", Origin.file(etc.resolve("org.jtgt.scsi.lu-a.cfg")), Map.of());

    files.reconcile(Map.of());

    assertThat(admin.objects).containsOnlyKeys(LU + "~a");
  }

  @Test
  void aWrongFileLeavesTheObjectThatItMadeAndTellsTheReason() throws IOException {
    Path file = write("org.jtgt.scsi.lu-a.cfg", "store=a");
    look();

    write("org.jtgt.scsi.lu-a.cfg", "wrong=1\n");
    look();

    assertThat(admin.values(LU + "~a")).containsEntry("store", "a");
    assertThat(files.rows())
        .containsExactly(
            new StateRow(
                file.toString(),
                LU + "~a",
                Map.of("file", "refused", "reason", LU + "~a: wrong: is unknown")));

    write("org.jtgt.scsi.lu-a.cfg", "store=b");
    look();
    assertThat(admin.values(LU + "~a")).containsEntry("store", "b");
  }

  @Test
  void aWrongFileDisturbsNoOther() throws IOException {
    write("org.jtgt.scsi.lu-a.cfg", "wrong=1");
    write("org.jtgt.scsi.lu-b.cfg", "store=b");

    look();

    assertThat(admin.objects).containsOnlyKeys(LU + "~b");
  }

  @Test
  void aFileWaitsForTheBundleOfItsType() throws IOException {
    write("org.jtgt.backstore.rbd-a.cfg", "");
    look();
    assertThat(files.rows().getFirst().values()).containsEntry("file", "waiting");

    admin.type("org.jtgt.backstore.rbd", Category.STORE);
    clock.advance(Duration.ofSeconds(1));
    look();
    assertThat(admin.objects).containsOnlyKeys("org.jtgt.backstore.rbd~a");
  }

  @Test
  void anUnchangedFileIsNotAppliedAgain() throws IOException {
    write("org.jtgt.scsi.lu-a.cfg", "store=a");
    look();
    int applies = admin.applies;

    clock.advance(Duration.ofMinutes(5));
    look();

    assertThat(admin.applies).isEqualTo(applies);
  }

  @Test
  void anObjectThatSomeoneElseMadeMeanwhileIsNotRemovedWithTheFile() throws IOException {
    Path file = write("org.jtgt.scsi.lu-a.cfg", "store=a");
    look();
    Files.delete(file);
    admin.put(LU, "a", Origin.COMMAND, Map.of());

    look();

    assertThat(admin.objects).containsOnlyKeys(LU + "~a");
  }
}
