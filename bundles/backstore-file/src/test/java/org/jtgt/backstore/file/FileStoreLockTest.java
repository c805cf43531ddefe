// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.jtgt.backstore.file.Fixture.config;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreLockTest {
  @TempDir Path folder;
  private Fixture fixture;
  private Path disk;

  @BeforeEach
  void start() throws IOException {
    fixture = new Fixture(folder);
    disk = folder.resolve("disk.img");
    try (FileChannel file =
        FileChannel.open(disk, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(java.nio.ByteBuffer.allocate(1), (1 << 20) - 1);
    }
  }

  @AfterEach
  void end() {
    fixture.close();
  }

  @Test
  void a_second_store_is_refused_with_the_name_of_the_first() throws IOException {
    fixture.open("first", config(disk, ""));
    assertThatIllegalStateException()
        .isThrownBy(() -> fixture.open("second", config(disk, "")))
        .withMessage("path: %s is in use by store 'first'", disk);
  }

  @Test
  void a_second_store_through_a_symbolic_link_a_hard_link_or_another_folder_is_refused()
      throws IOException {
    fixture.open("first", config(disk, ""));
    Path symbolic = Files.createSymbolicLink(folder.resolve("symbolic"), disk);
    Path hard = Files.createLink(folder.resolve("hard"), disk);
    Path linkedFolder = Files.createSymbolicLink(folder.resolve("folder"), folder);
    for (Path other :
        new Path[] {
          symbolic, hard, linkedFolder.resolve("disk.img"), folder.resolve("./disk.img")
        }) {
      assertThatIllegalStateException()
          .isThrownBy(() -> fixture.open("second", config(other, "")))
          .withMessage("path: %s is in use by store 'first'", other);
    }
  }

  @Test
  void a_store_that_was_refused_leaves_the_first_its_lock() throws Exception {
    fixture.open("first", config(disk, ""));
    assertThatIllegalStateException().isThrownBy(() -> fixture.open("second", config(disk, "")));
    // The locks of FileChannel would be gone with any close of the file in this process.
    Files.readAllBytes(disk);
    try (LockingProcess other = new LockingProcess(disk, false, false, folder)) {
      assertThat(other.answer()).contains("is in use by process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void a_file_that_another_process_serves_is_refused_with_that_process() throws Exception {
    Path hard = Files.createLink(folder.resolve("hard"), disk);
    try (LockingProcess other = new LockingProcess(disk, false, false, folder)) {
      assertThat(other.answer()).isEqualTo("open");
      for (Path path : new Path[] {disk, hard}) {
        assertThatIOException()
            .isThrownBy(() -> fixture.open("second", config(path, "")))
            .withMessage("path: %s is in use by process %d (java)", path, other.pid());
        assertThatIOException()
            .isThrownBy(() -> fixture.open("second", config(path, "", true, true)))
            .withMessage("path: %s is in use by process %d (java)", path, other.pid());
      }
      other.kill();
    }
    // A lock ends with its process.
    fixture.open("second", config(disk, ""));
  }

  @Test
  void a_lock_by_file_channel_counts_too() throws IOException {
    try (FileChannel other = FileChannel.open(disk, StandardOpenOption.WRITE)) {
      other.lock();
      assertThatIOException()
          .isThrownBy(() -> fixture.open("second", config(disk, "")))
          .withMessage(
              "path: %s is in use by process %d (java)", disk, ProcessHandle.current().pid());
    }
  }

  @Test
  void read_only_stores_share_a_file_when_all_of_them_say_so() throws Exception {
    fixture.open("one", config(disk, "", true, true));
    fixture.open("two", config(disk, "", true, true));
    try (LockingProcess reader = new LockingProcess(disk, true, true, folder);
        LockingProcess writer = new LockingProcess(disk, false, false, folder);
        LockingProcess alone = new LockingProcess(disk, true, false, folder)) {
      assertThat(reader.answer()).isEqualTo("open");
      assertThat(writer.answer()).contains("is in use by process");
      assertThat(alone.answer()).contains("is in use by process");
    }
    String refusal =
        "path: %s is in use by store 'one'; sharing needs readOnly=true and shared=true in both"
            .formatted(disk);
    assertThatIllegalStateException()
        .isThrownBy(() -> fixture.open("three", config(disk, "")))
        .withMessage(refusal);
    assertThatIllegalStateException()
        .isThrownBy(() -> fixture.open("four", config(disk, "", true, false)))
        .withMessage(refusal);
  }

  @Test
  void sharing_needs_read_only() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fixture.open("one", config(disk, "", false, true)))
        .withMessage("shared: 'true' is allowed with readOnly=true only");
  }

  @Test
  void a_closed_store_has_given_its_file_up() throws IOException {
    for (int round = 0; round < 3; round++) {
      fixture.open("round" + round, config(disk, "")).close();
    }
  }
}
