// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.jtgt.backstore.file.Fixture.config;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a loop device; where there are none, or without root, it is reported as not run. */
class BlockDeviceTest {
  @TempDir Path folder;
  private Fixture fixture;
  private Path image;
  private Path device;

  @BeforeEach
  void attach() throws Exception {
    fixture = new Fixture(folder);
    image = folder.resolve("image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(8 << 20);
    }
    assumeThat(Mount.possible("losetup")).as("root with losetup").isTrue();
    String name = Mount.output("losetup", "-f", "--show", image.toString());
    assumeThat(name).as("a free loop device").startsWith("/dev/");
    device = Path.of(name);
  }

  @AfterEach
  void detach() throws Exception {
    fixture.close();
    if (device != null) {
      assertThat(Mount.run("losetup", "-d", device.toString())).isZero();
    }
  }

  @Test
  void random_operations_answer_as_an_array_would() throws Exception {
    FileStore store = fixture.open(device, "8M");
    assertThat(store.completion()).isEqualTo(Completion.BLOCKING);
    assertThat(store.sizeBytes()).isEqualTo(8 << 20);
    assertThat(store.adapt(AllocationMap.class)).isEmpty();
    new StoreModel(store, 11).run(400);
  }

  @Test
  void unmap_reaches_the_file_below() throws Exception {
    FileStore store = fixture.open(device, "");
    assertThat(store.unmapGranularityBytes()).isPositive();
    byte[] ones = new byte[8 << 20];
    Arrays.fill(ones, (byte) 1);
    TestIo.put(store, 0, ones);
    TestIo.flush().run(store);
    assertThat(blocks()).isGreaterThanOrEqualTo(8 << 20);
    TestIo.unmap(0, 8 << 20, true).run(store);
    assertThat(blocks()).isLessThan(1 << 20);
    assertThat(TestIo.bytes(store, 0, 8 << 20)).containsOnly(0);
  }

  private long blocks() throws Exception {
    return Long.parseLong(Mount.output("stat", "-c", "%b", image.toString())) * 512;
  }

  @Test
  void bytes_that_the_device_cannot_read_are_a_media_error_with_their_offset() throws Exception {
    FileStore store = fixture.open(device, "");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(1 << 20);
    }
    assertThat(TestIo.bytes(store, 0, 1 << 20)).containsOnly(0);
    assertThatExceptionOfType(BackstoreException.class)
        .isThrownBy(() -> TestIo.bytes(store, 4 << 20, 8192))
        .satisfies(failure -> {
          assertThat(failure.kind()).isEqualTo(Kind.MEDIA);
          assertThat(failure.offsetBytes()).hasValue(4 << 20);
        });
  }

  @Test
  void a_second_store_through_another_device_node_is_refused_with_the_name_of_the_first()
      throws Exception {
    fixture.open("first", config(device, ""));
    Path link = Files.createSymbolicLink(folder.resolve("link"), device);
    Path node = folder.resolve("node");
    String minor = device.toString().replaceAll(".*?(\\d+)$", "$1");
    assumeThat(Mount.run("mknod", node.toString(), "b", "7", minor)).as("mknod").isZero();
    for (Path other : new Path[] {device, link, node}) {
      assertThatException()
          .isThrownBy(() -> fixture.open("second", config(other, "")))
          .withMessage("path: %s is in use by store 'first'", other);
    }
    try (LockingProcess other = new LockingProcess(node, false, false, folder)) {
      assertThat(other.answer())
          .isEqualTo(
              "path: %s is in use by process %d (java)"
                  .formatted(node, ProcessHandle.current().pid()));
    }
  }

  @Test
  void a_mounted_device_is_refused_with_the_folder_of_its_file_system() throws Exception {
    assumeThat(Mount.run("mkfs.ext4", "-q", device.toString())).as("mkfs.ext4").isZero();
    Path folderOfFiles = Files.createDirectory(folder.resolve("mounted"));
    assumeThat(Mount.run("mount", device.toString(), folderOfFiles.toString()))
        .as("the right to mount")
        .isZero();
    try (Mount mounted = new Mount(folderOfFiles)) {
      assertThatIOException()
          .isThrownBy(() -> fixture.open("first", config(device, "")))
          .withMessage(
              "path: %s is in use by a file system mounted on %s", device, mounted.folder());
    }
  }

  @Test
  void a_size_that_is_not_the_devices_is_refused() {
    assertThatIOException()
        .isThrownBy(() -> fixture.open("first", config(device, "16M")))
        .withMessageContaining("size: 16M")
        .withMessageContaining("has 8M");
  }
}
