// SPDX-License-Identifier: Apache-2.0
package org.jtgt.configurations.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.apache.felix.cm.file.FilePersistenceManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StablePersistenceManagerTest {
  private static final String PID = "org.jtgt.scsi.lu~disk1";

  @TempDir Path folder;

  private StablePersistenceManager manager() throws IOException {
    return new StablePersistenceManager(folder);
  }

  private static Dictionary<String, Object> properties(String pid, Object value) {
    return new Hashtable<>(Map.of("service.pid", pid, "value", value));
  }

  @SuppressWarnings("unchecked")
  private static List<Dictionary<String, Object>> all(StablePersistenceManager manager)
      throws IOException {
    return Collections.list(manager.getDictionaries());
  }

  @ParameterizedTest
  @ValueSource(strings = {PID, "a b/../c", "..", "%7E~+é\u0000", "CON"})
  void whatWasStoredIsThereAfterARestartWhateverThePid(String pid) throws IOException {
    manager().store(pid, properties(pid, List.of("ä\n\"=", "2")));

    StablePersistenceManager again = manager();
    assertThat(again.exists(pid)).isTrue();
    assertThat(again.load(pid).get("value")).isEqualTo(List.of("ä\n\"=", "2"));
    assertThat(all(again))
        .singleElement()
        .satisfies(one -> assertThat(one.get("service.pid")).isEqualTo(pid));
  }

  @Test
  void aDeletedOneDoesNotComeBack() throws IOException {
    StablePersistenceManager manager = manager();
    manager.store(PID, properties(PID, 1));
    manager.delete(PID);
    manager.delete(PID);

    assertThat(manager.exists(PID)).isFalse();
    assertThat(all(manager())).isEmpty();
    assertThatThrownBy(() -> manager.load(PID))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("disk1");
  }

  @Test
  void aCrashWhileTheNewContentIsWrittenLeavesTheOld() throws IOException {
    manager().store(PID, properties(PID, 1));
    Path unfinished = folder.resolve(PID + ".config.new");
    Files.writeString(unfinished, "value=I\"2");

    StablePersistenceManager again = manager();
    assertThat(again.load(PID).get("value")).isEqualTo(1);
    assertThat(unfinished).doesNotExist();
  }

  @Test
  void aFailedWriteLeavesTheOld() throws IOException {
    StablePersistenceManager manager = manager();
    manager.store(PID, properties(PID, 1));
    // A folder in the way of the file that is written beside: refused, whoever runs the test.
    Files.createDirectories(folder.resolve(PID + ".config.new").resolve("inside"));

    assertThatThrownBy(() -> manager.store(PID, properties(PID, 2)))
        .isInstanceOf(IOException.class);
    assertThat(manager.load(PID).get("value")).isEqualTo(1);
  }

  @Test
  void oneThatCannotBeReadIsLeftOutAndKept() throws IOException {
    StablePersistenceManager manager = manager();
    manager.store(PID, properties(PID, 1));
    Path damaged = Files.writeString(folder.resolve("damaged.config"), "value=I\"");
    Path empty = Files.createFile(folder.resolve("empty.config"));

    assertThat(all(manager())).hasSize(1);
    assertThat(damaged).exists();
    assertThat(empty).exists();
  }

  @Test
  void onlyTheOwnerMayReadTheSecretsInIt() throws IOException {
    manager().store(PID, properties(PID, "secret"));
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve(PID + ".config"))))
        .isEqualTo("rw-------");
  }

  @Test
  void takesOverWhatFelixKept() throws IOException {
    FilePersistenceManager felix = new FilePersistenceManager(folder.toString());
    felix.store(PID, properties(PID, 1));
    felix.store("org.jtgt.iscsi", properties("org.jtgt.iscsi", 2));
    // Felix killed between unlink and rename of a third one.
    String lost = "org.jtgt.scsi.target~t";
    felix.store(lost, properties(lost, 3));
    Path file = folder.resolve("org/jtgt/scsi/target%007et.config");
    Files.move(file, file.resolveSibling("target%007et.config1234567.tmp"));

    StablePersistenceManager manager = manager();
    assertThat(manager.load(PID).get("value")).isEqualTo(1);
    assertThat(manager.load("org.jtgt.iscsi").get("value")).isEqualTo(2);
    assertThat(manager.load(lost).get("value")).isEqualTo(3);

    manager.delete(PID);
    assertThat(manager().exists(PID)).isFalse();
  }
}
