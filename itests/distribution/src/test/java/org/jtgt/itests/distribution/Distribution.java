// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;

/**
 * One unpacked distribution as its operator sees it: folders of its own, a process, a command line.
 * Everything it made is gone when it is closed.
 */
final class Distribution implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  static final Path HOME =
      Path.of(System.getProperty("jtgt.distribution")).toAbsolutePath().normalize();

  /** What a command left behind. */
  record Outcome(int status, String out) {}

  private final Path work;
  private Path home;
  private final InetSocketAddress portal;
  private @Nullable Process daemon;
  private String javaOptions = "";

  Distribution() throws IOException, InterruptedException {
    home = Trained.home();
    work = Files.createTempDirectory("jtgt-itest-");
    for (String folder : List.of("etc", "deploy")) {
      Files.createDirectory(work.resolve(folder));
    }
    portal = FreePort.ofLoopback();
  }

  /** Goes on with an unpacked distribution of its own, untrained, for what changes it. */
  Path copy() throws IOException, InterruptedException {
    home = work.resolve("home");
    Outcome copied = run("", List.of("cp", "-rp", HOME.toString(), home.toString()));
    assertThat(copied.status()).as(copied.out()).isZero();
    Trained.forget(home);
    return home;
  }

  Path work() {
    return work;
  }

  Path etc() {
    return work.resolve("etc");
  }

  Path state() {
    return work.resolve("state");
  }

  InetSocketAddress portal() {
    return portal;
  }

  /** Drops a configuration file whole, as a careful operator would. */
  Path drop(String name, String... lines) throws IOException {
    Path half = work.resolve(name);
    Files.write(half, List.of(lines));
    return Files.move(half, etc().resolve(name), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /** Drops a disk of its own store and logical unit. */
  void dropDisk(String name, String size) throws IOException {
    drop(
        "org.jtgt.backstore.file-" + name + ".cfg",
        "path=" + work.resolve(name + ".img"),
        "size=" + size);
    drop("org.jtgt.scsi.lu-" + name + ".cfg", "store=" + name);
  }

  void dropPortal() throws IOException {
    drop("org.jtgt.iscsi.portal-itest.cfg", "address=127.0.0.1", "port=" + portal.getPort());
  }

  void start(String... options) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                bin(),
                "daemon",
                "--deploy",
                work.resolve("deploy").toString(),
                "--state",
                state().toString()));
    if (!List.of(options).contains("--config")) {
      words.addAll(List.of("--etc", etc().toString()));
    }
    words.addAll(List.of(options));
    daemon = launch(words);
    eventually(() -> {
      assertThat(daemon.isAlive() || log().contains("jtgt:")).isTrue();
      assertThat(log()).containsAnyOf("runs after", "jtgt:", "gotgt:");
      return true;
    });
  }

  private String bin() {
    return home.resolve("bin/jtgt").toString();
  }

  /** Starts a process that writes to {@link #log()} and reads nothing. */
  Process launch(List<String> words) throws IOException {
    Process process =
        process(words).redirectOutput(ProcessBuilder.Redirect.appendTo(logFile())).start();
    process.getOutputStream().close();
    return process;
  }

  /** System properties of the daemon that is started next. */
  void properties(String... given) {
    options("-D" + String.join(" -D", given));
  }

  /** Options of the JVM of the daemon that is started next. */
  void options(String given) {
    javaOptions = given;
  }

  private ProcessBuilder process(List<String> words) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(work.toFile());
    if (!javaOptions.isEmpty()) {
      builder.environment().put("JTGT_JAVA_OPTIONS", javaOptions);
    }
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // The JVM would tell it in what is compared here.
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.redirectErrorStream(true);
  }

  private java.io.File logFile() {
    return work.resolve("daemon.log").toFile();
  }

  String log() throws IOException {
    return logFile().exists() ? Files.readString(logFile().toPath()) : "";
  }

  void forgetLog() throws IOException {
    Files.deleteIfExists(logFile().toPath());
  }

  /** SIGTERM, and the end of the process. */
  int stop() throws IOException, InterruptedException {
    Process running = daemon;
    daemon = null;
    assertThat(running).as("running daemon").isNotNull();
    running.destroy();
    if (!running.waitFor(60, TimeUnit.SECONDS)) {
      running.destroyForcibly().waitFor();
      throw new AssertionError("the daemon did not stop within 60 s:\n" + log());
    }
    return running.exitValue();
  }

  long pid() {
    return daemon.pid();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    Process running = daemon;
    daemon = null;
    assertThat(running).as("running daemon").isNotNull();
    running.destroyForcibly().waitFor();
  }

  /** Waits until the process has ended by itself. */
  int awaitEnd() throws InterruptedException {
    Process running = daemon;
    daemon = null;
    assertThat(running).as("running daemon").isNotNull();
    assertThat(running.waitFor(60, TimeUnit.SECONDS)).as("the daemon ended").isTrue();
    return running.exitValue();
  }

  /** Runs one command of {@code bin/jtgt} against the daemon. */
  Outcome jtgt(String... words) throws IOException, InterruptedException {
    return jtgtWithInput("", words);
  }

  /** Runs one command of {@code bin/jtgt} that reads a text. */
  Outcome jtgtWithInput(String input, String... words) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(bin(), "--state", state().toString()));
    line.addAll(List.of(words));
    return run(input, line);
  }

  /** Runs {@code bin/jtgt} with these words alone. */
  Outcome script(String... words) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(bin()));
    line.addAll(List.of(words));
    return run("", line);
  }

  private Outcome run(String input, List<String> words) throws IOException, InterruptedException {
    Process process = process(words).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String out = new String(process.getInputStream().readAllBytes());
    return new Outcome(process.waitFor(), out);
  }

  /** The files that the daemon has mapped, as Linux tells them. */
  String mapped() throws IOException {
    Process running = daemon;
    assertThat(running).as("running daemon").isNotNull();
    return Files.readString(Path.of("/proc", Long.toString(running.pid()), "maps"));
  }

  /** Logs in as soon as it works and takes the unit attentions of LUN 0. */
  Session login(String target) {
    return eventually(() -> {
      Session session = Session.login(portal, initiator(target));
      try {
        session.logicalUnit(0).clearUnitAttentions();
        return session;
      } catch (IOException | AssertionError failure) {
        session.drop();
        throw failure;
      }
    });
  }

  static LoginOptions initiator(String target) {
    return LoginOptions.normal("iqn.2026-11.org.jtgt.itests:distribution", target);
  }

  <T> T eventually(Callable<T> attempt) {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      try {
        return attempt.call();
      } catch (Exception | AssertionError failure) {
        if (Instant.now().isAfter(end)) {
          throw new AssertionError("not within " + PATIENCE + ": " + failure + tail(), failure);
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private String tail() {
    try {
      return "\nthe daemon said:\n" + log();
    } catch (IOException e) {
      return "\nthe daemon's log cannot be read: " + e;
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (daemon != null) {
      kill();
    }
    Files.walkFileTree(
        work,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
