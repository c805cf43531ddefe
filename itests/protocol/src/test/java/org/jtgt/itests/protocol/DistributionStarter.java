// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;

/**
 * Starts the distribution in the folder that the system property {@code jtgt.distribution} names,
 * with folders of its own, two file disks and a free port of 127.0.0.1.
 */
public final class DistributionStarter implements TargetStarter {
  private static final String NAME = "iqn.2026-11.org.jtgt:protocol";
  private static final long PATIENCE_SECONDS = 60;

  private final Path work;
  private final Process daemon;
  private final InetSocketAddress portal;

  public DistributionStarter() throws IOException {
    this(Map.of());
  }

  /**
   * @param more further configuration files: the lines by the PID
   */
  DistributionStarter(Map<String, List<String>> more) throws IOException {
    Path home = Path.of(System.getProperty("jtgt.distribution", "")).toAbsolutePath().normalize();
    if (!Files.isExecutable(home.resolve("bin/jtgt"))) {
      throw new IOException(
          "no target: set jtgt.test.portal and jtgt.test.target, or jtgt.distribution to the"
              + " folder of an unpacked distribution; there is none in "
              + home);
    }
    work = Files.createTempDirectory("jtgt-protocol-");
    portal = FreePort.ofLoopback();
    configure();
    for (Map.Entry<String, List<String>> file : more.entrySet()) {
      write(file.getKey(), file.getValue().toArray(String[]::new));
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            home.resolve("bin/jtgt").toString(),
            "daemon",
            "--etc",
            work.resolve("etc").toString(),
            "--deploy",
            work.resolve("deploy").toString(),
            "--state",
            work.resolve("state").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.directory(work.toFile()).redirectErrorStream(true);
    builder.redirectOutput(log().toFile());
    daemon = builder.start();
    daemon.getOutputStream().close();
  }

  @Override
  public TestedTarget start() throws Exception {
    TestedTarget target = TestedTarget.of(portal, NAME);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!serves(target)) {
      if (!daemon.isAlive() || System.nanoTime() > deadline) {
        String said = Files.readString(log());
        close();
        throw new IOException("the distribution does not serve " + NAME + ":\n" + said);
      }
      Thread.sleep(200);
    }
    return target;
  }

  @Override
  public void close() throws Exception {
    daemon.destroy();
    if (!daemon.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      daemon.destroyForcibly().waitFor();
    }
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void configure() throws IOException {
    for (String folder : List.of("etc", "deploy", "state")) {
      Files.createDirectory(work.resolve(folder));
    }
    for (String disk : List.of("disk0", "disk1")) {
      write("org.jtgt.backstore.file-" + disk, "path=" + work.resolve(disk + ".img"), "size=128M");
      write("org.jtgt.scsi.lu-" + disk, "store=" + disk);
    }
    write("org.jtgt.scsi.target-protocol", "name=" + NAME, "luns=0:disk0,1:disk1");
    // Everything is offered; what a test does not ask for is not agreed to. The target asks again
    // for what does not come in its time: tests of level 1 that answer at once must not be later
    // than that on a busy machine.
    write(
        "org.jtgt.iscsi",
        "errorRecoveryLevel=2",
        "maxConnections=4",
        "dataPDUInOrder=false",
        "dataSequenceInOrder=false",
        "recoveryMilliseconds=500");
    write("org.jtgt.iscsi.portal-protocol", "address=127.0.0.1", "port=" + portal.getPort());
  }

  /** Drops a configuration file whole; only its owner can read it. */
  void write(String pid, String... lines) throws IOException {
    Path half = work.resolve(pid + ".half");
    Files.write(half, List.of(lines));
    Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rw-------"));
    Files.move(half, etc(pid), StandardCopyOption.REPLACE_EXISTING);
  }

  void remove(String pid) throws IOException {
    Files.deleteIfExists(etc(pid));
  }

  private Path etc(String pid) {
    return work.resolve("etc").resolve(pid + ".cfg");
  }

  /** The process, which is the JVM itself. */
  long pid() {
    return daemon.pid();
  }

  InetSocketAddress portal() {
    return portal;
  }

  /** What one command of {@code bin/jtgt} prints. */
  String jtgt(String... words) throws IOException {
    Path home = Path.of(System.getProperty("jtgt.distribution", "")).toAbsolutePath().normalize();
    List<String> line = new ArrayList<>();
    line.add(home.resolve("bin/jtgt").toString());
    line.addAll(List.of("--state", work.resolve("state").toString()));
    line.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  Path work() {
    return work;
  }

  Path log() {
    return work.resolve("daemon.log");
  }

  /** Whether both disks can be used. */
  private static boolean serves(TestedTarget target) {
    LoginOptions options = target.options();
    try (Session session = Session.login(target.portal(), options)) {
      target.disk(session);
      target.otherDisk(session);
      return true;
    } catch (IOException | AssertionError e) {
      return false;
    }
  }
}
