// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jtgt.itests.distribution.Distribution.Outcome;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;

/** {@code bin/jtgt train}: what the JVM has noted in a training run serves the daemons after it. */
class TrainingTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt:trained";

  @Test
  void aDaemonStartsFromWhatATrainingRunHasLeft() throws IOException, InterruptedException {
    Outcome training = Trained.outcome();
    assertThat(training.status()).as(training.out()).isZero();
    Path cache = Trained.home().resolve(Trained.CACHE);
    assertThat(training.out()).contains(cache.toString()).hasLineCount(1);
    assertThat(cache).isNotEmptyFile();
    try (Distribution distribution = new Distribution()) {
      serve(distribution);
      assertThat(distribution.mapped()).contains(cache.toString());
      expectDisk(distribution);
    }
  }

  /** As it lies in the archives. */
  @Test
  void aDaemonStartsWithoutTraining() throws IOException, InterruptedException {
    try (Distribution distribution = new Distribution()) {
      distribution.copy();
      serve(distribution);
      assertThat(distribution.mapped()).doesNotContain("jtgt.aot");
      expectDisk(distribution);
    }
  }

  /**
   * The launcher names what is worth doing ahead of a start; a name that nobody has does nothing.
   */
  @Test
  void whatAStartDoesAheadIsThere()
      throws IOException, InterruptedException, ReflectiveOperationException {
    try (URLClassLoader jars = new URLClassLoader(jars(Trained.home()), null)) {
      Field names = jars.loadClass("org.jtgt.launcher.Ahead").getDeclaredField("CLASSES");
      names.setAccessible(true);
      assertThat((List<?>) names.get(null))
          .isNotEmpty()
          .allSatisfy(name ->
              assertThat(jars.getResource(name.toString().replace('.', '/') + ".class"))
                  .isNotNull());
    }
  }

  private static URL[] jars(Path home) throws IOException {
    var jars = new ArrayList<URL>();
    for (String folder : List.of("lib", "bundles")) {
      try (Stream<Path> files = Files.list(home.resolve(folder))) {
        for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
          jars.add(jar.toUri().toURL());
        }
      }
    }
    return jars.toArray(URL[]::new);
  }

  private static void serve(Distribution distribution) throws IOException {
    distribution.dropDisk("disk", "1M");
    distribution.drop("org.jtgt.scsi.target-trained.cfg", "name=" + TARGET, "luns=0:disk");
    distribution.dropPortal();
    distribution.start();
  }

  private static void expectDisk(Distribution distribution) throws IOException {
    try (Session session = distribution.login(TARGET)) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo(2048);
    }
  }

  /** The JVM knows a jar by its size and time. */
  @Test
  void whatATrainingRunHasLeftIsForItsJarsAlone() throws IOException, InterruptedException {
    try (Distribution distribution = new Distribution()) {
      Path cache = distribution.copy().resolve(Trained.CACHE);
      for (String end : List.of("", ".jars")) {
        Files.createSymbolicLink(
            Path.of(cache + end), Path.of(Trained.home().resolve(Trained.CACHE) + end));
      }
      assertThat(options(distribution)).contains("AOTCache=" + cache);
      changeUnseen(cache.resolveSibling("../bundles").normalize());
      assertThat(options(distribution)).doesNotContain("AOTCache");
    }
  }

  /** The options that a daemon's JVM would have now. */
  private static String options(Distribution distribution)
      throws IOException, InterruptedException {
    distribution.options("-XX:+PrintCommandLineFlags -version");
    Outcome version = distribution.script("daemon");
    assertThat(version.status()).as(version.out()).isZero();
    assertThat(version.out()).contains("-XX:+UseSerialGC");
    return version.out();
  }

  /** Another jar of the same size and time: in the directory of it, an entry is of another time. */
  private static void changeUnseen(Path bundles) throws IOException {
    Path jar;
    try (Stream<Path> files = Files.list(bundles)) {
      jar =
          files.filter(file -> file.toString().contains("org.jtgt.scsi-")).findAny().orElseThrow();
    }
    FileTime time = Files.getLastModifiedTime(jar);
    byte[] bytes = Files.readAllBytes(jar);
    int directory = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 6);
    bytes[directory + 12] ^= 1;
    Files.write(jar, bytes);
    Files.setLastModifiedTime(jar, time);
  }

  /** With a JVM that never ends by itself. */
  @Test
  void aTrainingThatIsEndedLeavesNothing() throws IOException, InterruptedException {
    try (Distribution distribution = new Distribution()) {
      Path lib = distribution.copy().resolve("lib");
      Path temporary = Files.createDirectory(distribution.work().resolve("tmp"));
      Path jdk = Files.createDirectories(distribution.work().resolve("jdk/bin")).getParent();
      Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
      Path java = Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\nexec sleep 600\n");
      assertThat(java.toFile().setExecutable(true)).isTrue();
      Process training =
          distribution.launch(
              List.of(
                  "env",
                  "JAVA_HOME=" + jdk,
                  "TMPDIR=" + temporary,
                  lib.resolveSibling("bin/jtgt").toString(),
                  "train"));
      ProcessHandle jvm =
          distribution.eventually(() ->
              training
                  .descendants()
                  .filter(child -> child.info().commandLine().orElse("").contains("sleep 600"))
                  .findAny()
                  .orElseThrow());
      training.destroy();
      assertThat(training.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(training.exitValue()).isEqualTo(143);
      assertThat(jvm.isAlive()).isFalse();
      assertThat(temporary).isEmptyDirectory();
      try (Stream<Path> files = Files.list(lib)) {
        assertThat(files).allMatch(file -> file.toString().endsWith(".jar"));
      }
    }
  }
}
