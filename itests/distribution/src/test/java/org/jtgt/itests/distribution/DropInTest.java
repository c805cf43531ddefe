// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.ClassHistogram;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.VerifyLoad;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** What a jar in {@code deploy/} does to a target in use: what it brings, and nothing else. */
class DropInTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:drop-in";
  private static final String FILE = "org.jtgt.backstore.file";
  private static final String NULL = "org.jtgt.backstore.null";
  private static final String NIL = "org.example.nil";
  private static final String CLASS_LOADER =
      "org.apache.felix.framework.BundleWiringImpl$BundleClassLoader";

  /** What Netty, iscsi and those below them import optionally or dynamically. */
  private static final String WANTED =
      "reactor.blockhound,reactor.blockhound.integration,com.oracle.svm.core.annotate,"
          + "org.apache.log4j;version=2.25,org.apache.logging.log4j;version=2.20,"
          + "org.apache.logging.log4j.message;version=2.24,org.apache.logging.log4j.spi;version=2.25,"
          + "org.apache.commons.logging;version=1.3,org.bouncycastle.jcajce.provider;version=1.0,"
          + "org.jspecify.annotations;version=1.0,org.osgi.service.event;version=1.3,"
          + "org.osgi.service.coordinator;version=1.0";

  /** {@code -Djtgt.rounds=200} is the long form. */
  private static final int ROUNDS = Integer.getInteger("jtgt.rounds", 4);

  private Distribution jtgt;
  private VerifyLoad load;

  @BeforeEach
  void loadOneUnit() throws Exception {
    jtgt = new Distribution();
    jtgt.dropDisk("disk0", "16M");
    jtgt.drop("org.jtgt.scsi.target-files.cfg", "name=" + TARGET, "luns=0:disk0");
    jtgt.dropPortal();
    jtgt.start();
    jtgt.login(TARGET).close();
    LoginOptions options = LoginOptions.normal("iqn.2026-11.org.jtgt.itests:load", TARGET);
    load = new VerifyLoad(jtgt.portal(), options, 0, 4, 0, (16 << 20) / 512, 1);
  }

  /** The load tells here whether anything but a delay was seen. */
  @AfterEach
  void end() throws Exception {
    try {
      load.close();
    } finally {
      jtgt.close();
    }
  }

  private Path deploy(String name) {
    return jtgt.work().resolve("deploy").resolve(name);
  }

  private void awaitLog(String text) {
    jtgt.eventually(() -> assertThat(jtgt.log()).contains(text));
  }

  private void expectOneLine(String text) throws IOException {
    assertThat(jtgt.log().lines().filter(line -> line.contains(text))).hasSize(1);
  }

  private void awaitProgress() {
    long before = load.completed();
    jtgt.eventually(() -> {
      load.failure()
          .ifPresent(cause -> {
            throw new AssertionError(cause);
          });
      assertThat(load.completed()).isGreaterThan(before + 20);
      return true;
    });
  }

  @Test
  void whatIsWrongWithAJarIsToldInOneLineAndDisturbsNothing() throws Exception {
    // One that does not resolve, one that does not start.
    StoreJars.dropEmpty(
        deploy("lost.jar"),
        Map.of("Bundle-SymbolicName", "org.example.lost", "Import-Package", "org.example.nowhere"));
    StoreJars.dropEmpty(
        deploy("idle.jar"),
        Map.of(
            "Bundle-SymbolicName", "org.example.idle", "Bundle-Activator", "org.example.Nobody"));
    awaitLog("org.example.nowhere");
    awaitLog("org.example.Nobody");
    awaitProgress();
    expectOneLine("org.example.nowhere");
    expectOneLine("org.example.Nobody");
    assertThat(jtgt.log()).doesNotContain("\tat ");
    assertThat(jtgt.jtgt("list").out()).contains("lost.jar: refused", "idle.jar: refused");

    // One that does not serve the stores of the version before.
    Path shipped = StoreJars.shipped(Distribution.HOME, FILE);
    StoreJars.drop(
        shipped,
        deploy("file.jar"),
        Map.of("Bundle-Version", "0.9.0"),
        Map.of("org/jtgt/backstore/file/FileStore.class", "no class"));
    awaitLog("the version that ran before runs again");
    awaitProgress();
    assertThat(jtgt.jtgt("list").out()).contains("file.jar");
  }

  /** Netty and others import such packages where they are; wiring them would refresh sessions. */
  @Test
  void aJarWithWhatOthersImportOptionallyRefreshesNobody() throws Exception {
    for (String version : new String[] {"1.0.0", "2.0.0"}) {
      StoreJars.dropEmpty(
          deploy("optional.jar"),
          Map.of(
              "Bundle-SymbolicName",
              "org.example.optional",
              "Bundle-Version",
              version,
              "Export-Package",
              WANTED));
      awaitLog("org.example.optional " + version);
      awaitProgress();
    }
    Files.delete(deploy("optional.jar"));
    awaitLog("org.example.optional: removed");
    awaitProgress();
  }

  /**
   * Rounds of install, update and uninstall beside the load, and of updates under it. What they
   * leave is looked at when a full collection has been.
   */
  @Test
  void roundsLeaveNoClassLoaderThreadOrDescriptor(TestReporter reporter) throws Exception {
    round(0);
    round(1);
    long loaders = classLoaders();
    long descriptors = entries("fd");
    long threads = entries("task");
    for (int i = 2; i <= ROUNDS + 1; i++) {
      round(i);
    }
    jtgt.eventually(() -> {
      assertThat(classLoaders()).as("class loaders of bundles").isLessThanOrEqualTo(loaders);
      // A worker thread or a command's socket more or less is no leak; one for each round is.
      assertThat(entries("fd")).as("descriptors").isLessThan(descriptors + ROUNDS);
      assertThat(entries("task")).as("threads").isLessThan(threads + ROUNDS);
      return true;
    });
    reporter.publishEntry(
        ROUNDS + " rounds",
        "class loaders %d to %d, descriptors %d to %d, threads %d to %d"
            .formatted(
                loaders, classLoaders(), descriptors, entries("fd"), threads, entries("task")));
  }

  /** By files that come and go, and by the shell's commands, in turns. */
  private void round(int number) throws Exception {
    String version = "0.5." + number;
    Path file = jar(FILE, FILE, version);
    Path first = jar(NULL, NIL, version);
    Path second = jar(NULL, NIL, "0.6." + number);
    if (number % 2 == 0) {
      move(file, deploy("file.jar"));
      // A bundle that comes, is replaced and goes.
      move(first, deploy("nil.jar"));
      awaitLog(NIL + " " + version + ": installed by");
      move(second, deploy("nil.jar"));
      awaitLog(NIL + " 0.6." + number + ": updated by");
      Files.delete(deploy("nil.jar"));
    } else {
      command(FILE + " " + version + ": updated", "update", file.toString());
      command(NIL + " " + version + ": installed", "install", first.toString());
      command(NIL + " 0.6." + number + ": updated", "update", second.toString());
      command(NIL + ": uninstalled", "uninstall", NIL);
      for (Path jar : List.of(file, first, second)) {
        Files.delete(jar);
      }
    }
    awaitLog(FILE + " " + version + ": updated by");
    jtgt.eventually(() ->
        assertThat(jtgt.log().lines().filter(line -> line.contains(NIL + ": removed")))
            .hasSize(number + 1));
    awaitProgress();
  }

  /** A jar that ships, as another version and beside the folder that is watched. */
  private Path jar(String shipped, String symbolicName, String version) throws IOException {
    Path jar = jtgt.work().resolve(symbolicName + "-" + version + ".jar");
    StoreJars.drop(
        StoreJars.shipped(Distribution.HOME, shipped),
        jar,
        symbolicName.equals(shipped)
            ? Map.of("Bundle-Version", version)
            : Map.of("Bundle-SymbolicName", symbolicName, "Bundle-Version", version),
        Map.of());
    return jar;
  }

  private static void move(Path jar, Path into) throws IOException {
    Files.move(jar, into, StandardCopyOption.ATOMIC_MOVE);
  }

  private void command(String answer, String... words) throws Exception {
    Distribution.Outcome outcome = jtgt.jtgt(words);
    assertThat(outcome.status()).as(outcome.out()).isZero();
    assertThat(outcome.out()).contains(answer);
  }

  private long entries(String kind) throws IOException {
    try (Stream<Path> found = Files.list(Path.of("/proc", Long.toString(jtgt.pid()), kind))) {
      return found.count();
    }
  }

  /** Class loaders of bundles that a full collection leaves. */
  private long classLoaders() throws IOException {
    Map<String, Long> instances = ClassHistogram.of(jtgt.pid()).instances();
    assertThat(instances).containsKey(CLASS_LOADER);
    return instances.get(CLASS_LOADER);
  }
}
