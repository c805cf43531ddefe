// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.jtgt.backstore.file.Fixture.config;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreFailureTest {
  @TempDir Path folder;
  private Fixture fixture;
  private Path disk;

  @BeforeEach
  void start() {
    fixture = new Fixture(folder);
    disk = folder.resolve("disk.img");
  }

  @AfterEach
  void end() {
    fixture.close();
  }

  @Test
  void a_file_that_somebody_made_shorter_is_a_media_error_with_the_first_lost_byte()
      throws IOException {
    FileStore store = fixture.open(disk, "1M");
    try (FileChannel other = FileChannel.open(disk, StandardOpenOption.WRITE)) {
      other.truncate(300 << 10);
    }
    TestIo.bytes(store, 0, 300 << 10);
    assertThat(failure(Kind.MEDIA, () -> TestIo.bytes(store, 256 << 10, 128 << 10)).offsetBytes())
        .hasValue(300 << 10);
    assertThat(failure(Kind.MEDIA, () -> TestIo.bytes(store, 512 << 10, 4096)).offsetBytes())
        .hasValue(512 << 10);
    failure(Kind.MEDIA, () -> TestIo.flush().run(store));
  }

  @Test
  void a_deleted_file_is_gone_at_the_next_flush_and_no_later_flush_is_good() throws IOException {
    FileStore store = fixture.open(disk, "1M");
    Files.delete(disk);
    TestIo.put(store, 0, new byte[512]);
    failure(Kind.GONE, () -> TestIo.flush().run(store));
    failure(Kind.OTHER, () -> TestIo.flush().run(store));
    failure(Kind.OTHER, () -> TestIo.write(0, true, TestIo.direct(new byte[512])).run(store));
  }

  @Test
  void a_read_only_store_refuses_every_kind_of_write() throws IOException {
    fixture.open(disk, "1M").close();
    FileStore store = fixture.open("reader", config(disk, "", true, false));
    assertThat(store.readOnly()).isTrue();
    assertThat(store.unmapGranularityBytes()).isZero();
    failure(Kind.WRITE_PROTECTED, () -> TestIo.put(store, 0, new byte[512]));
    failure(Kind.WRITE_PROTECTED, () -> TestIo.unmap(0, 4096, false).run(store));
    failure(Kind.WRITE_PROTECTED, () -> TestIo.writeZeroes(0, 512, false, true).run(store));
    TestIo.flush().run(store);
    assertThat(TestIo.bytes(store, 0, 512)).containsOnly(0);
  }

  @Test
  void a_closed_store_is_gone_and_touches_no_descriptor_that_has_its_number_now()
      throws IOException {
    FileStore store = fixture.open(disk, "1M");
    store.close();
    failure(Kind.GONE, () -> TestIo.put(store, 0, new byte[512]));
    failure(Kind.GONE, () -> TestIo.bytes(store, 0, 512));
    failure(Kind.GONE, () -> TestIo.unmap(0, 4096, false).run(store));
    failure(Kind.GONE, () -> TestIo.flush().run(store));
    failure(Kind.GONE, () -> store.extentAt(0));
  }

  @Test
  void a_full_file_system_answers_full_and_goes_on_when_space_is_there_again() throws Exception {
    try (Mount small = Mount.of("tmpfs", folder.resolve("small"), "size=1m")) {
      FileStore store = fixture.open(small.folder().resolve("disk.img"), "16M");
      byte[] megabyte = new byte[1 << 20];
      failure(
          Kind.FULL,
          () -> {
            TestIo.put(store, 0, megabyte);
            TestIo.put(store, 4 << 20, megabyte);
          });
      assertThat(store.freeBytes()).isZero();
      TestIo.unmap(0, 16 << 20, false).run(store);
      TestIo.put(store, 8 << 20, new byte[512 << 10]);
      store.close();
    }
  }

  @Test
  void a_stable_write_to_a_deleted_or_shortened_file_is_not_good() throws IOException {
    FileStore deleted = fixture.open(disk, "1M");
    Files.delete(disk);
    failure(Kind.GONE, () -> stable(deleted, 0, 512));

    Path other = folder.resolve("other.img");
    FileStore cut = fixture.open("other", config(other, "1M"));
    try (FileChannel somebody = FileChannel.open(other, StandardOpenOption.WRITE)) {
      somebody.truncate(300 << 10);
    }
    failure(Kind.MEDIA, () -> stable(cut, 0, 512));
  }

  @Test
  void a_stable_write_that_found_no_space_does_not_forbid_those_that_find_some() throws Exception {
    try (Mount small = Mount.of("tmpfs", folder.resolve("small"), "size=2m")) {
      FileStore store = fixture.open(small.folder().resolve("disk.img"), "16M");
      stable(store, 0, 1 << 20);
      failure(
          Kind.FULL,
          () -> {
            stable(store, 4 << 20, 1 << 20);
            stable(store, 8 << 20, 1 << 20);
          });
      TestIo.flush().run(store);
      TestIo.unmap(4 << 20, 4 << 20, false).run(store);
      stable(store, 12 << 20, 512 << 10);
      store.close();
    }
  }

  private static void stable(FileStore store, long offsetBytes, int bytes) throws IOException {
    TestIo.write(offsetBytes, true, TestIo.direct(new byte[bytes])).run(store);
  }

  @Test
  void a_read_only_file_system_is_refused_for_writing_with_the_way_out() throws Exception {
    try (Mount small = Mount.of("tmpfs", folder.resolve("small"), "size=8m")) {
      Path image = small.folder().resolve("disk.img");
      fixture.open(image, "1M").close();
      small.remount("ro");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> fixture.open("disk", config(image, "")))
          .withMessage(
              "path: %s cannot be opened for writing: Read-only file system;"
                  + " readOnly=true opens it for reading",
              image);
      FileStore reader = fixture.open("disk", config(image, "", true, false));
      assertThat(TestIo.bytes(reader, 0, 512)).containsOnly(0);
      assertThat(reader.identity()).isNotEmpty();
      reader.close();
    }
  }

  @Test
  void where_no_hole_can_be_punched_there_is_no_unmap_and_zeros_are_written() throws Exception {
    // Neither holes nor extended attributes are known to ramfs.
    try (Mount plain = Mount.of("ramfs", folder.resolve("plain"), "mode=700")) {
      Path image = plain.folder().resolve("disk.img");
      FileStore store = fixture.open(image, "1M");
      assertThat(store.unmapGranularityBytes()).isZero();
      byte[] ones = new byte[1 << 20];
      Arrays.fill(ones, (byte) 1);
      TestIo.put(store, 0, ones);
      TestIo.writeZeroes(512, (1 << 20) - 1024, true, true).run(store);
      byte[] after = TestIo.bytes(store, 0, 1 << 20);
      assertThat(Arrays.copyOfRange(after, 512, (1 << 20) - 512)).containsOnly(0);
      assertThat(after).startsWith(1, 1).endsWith(1, 1);
      String identity = store.identity();
      store.close();
      FileStore again = fixture.open(image, "1M");
      assertThat(again.identity()).isEqualTo(identity);
      again.close();
    }
  }

  @Test
  void each_errno_is_answered_by_its_kind() {
    Map<Integer, Kind> kinds =
        Map.ofEntries(
            Map.entry(Errno.ENOSPC, Kind.FULL),
            Map.entry(Errno.EDQUOT, Kind.FULL),
            Map.entry(Errno.EIO, Kind.MEDIA),
            Map.entry(Errno.EROFS, Kind.WRITE_PROTECTED),
            Map.entry(Errno.EACCES, Kind.WRITE_PROTECTED),
            Map.entry(Errno.EPERM, Kind.WRITE_PROTECTED),
            Map.entry(Errno.ENODEV, Kind.GONE),
            Map.entry(Errno.ENXIO, Kind.GONE),
            Map.entry(Errno.ESTALE, Kind.GONE),
            Map.entry(Errno.EAGAIN, Kind.TRANSIENT),
            Map.entry(Errno.EINVAL, Kind.OTHER),
            Map.entry(Errno.EFBIG, Kind.OTHER));
    kinds.forEach((errno, kind) ->
        assertThat(Failures.of(errno, "write", "/disk", 4096))
            .isInstanceOfSatisfying(
                BackstoreException.class,
                failure -> assertThat(failure.kind()).as("errno %d", errno).isEqualTo(kind))
            .hasMessageStartingWith("write /disk at byte 4096: "));
  }

  private static BackstoreException failure(Kind kind, ThrowingCallable call) {
    BackstoreException[] found = new BackstoreException[1];
    assertThatExceptionOfType(BackstoreException.class)
        .isThrownBy(call)
        .satisfies(failure -> {
          assertThat(failure.kind()).isEqualTo(kind);
          found[0] = failure;
        });
    return found[0];
  }
}
