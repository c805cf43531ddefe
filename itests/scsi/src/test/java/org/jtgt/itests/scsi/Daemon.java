// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;

/**
 * The distribution under test, in a process of its own: five disks, shown by two targets, so that
 * there are two target ports to each. It can be restarted and its configuration changed.
 */
final class Daemon implements AutoCloseable {
  static final String FIRST = "iqn.2026-11.org.jtgt:scsi";
  static final String SECOND = FIRST + "-second";
  static final int BLOCK_BYTES = 512;
  static final long MEBIBYTE = 1 << 20;

  /** LUNs. */
  static final int DISK = 0;

  static final int OTHER = 1;
  static final int FOUR_K = 2;
  static final int THICK = 3;
  static final int READ_ONLY = 4;

  private static final List<String> UNITS = List.of("disk", "other", "fourk", "thick", "readonly");
  private static final long PATIENCE_SECONDS = 90;

  private final Path home;
  private final Path work;
  private final InetSocketAddress portal;
  private Process process;

  Daemon() throws IOException {
    home = Path.of(System.getProperty("jtgt.distribution", "")).toAbsolutePath().normalize();
    if (!Files.isExecutable(home.resolve("bin/jtgt"))) {
      throw new IOException("jtgt.distribution names no unpacked distribution: " + home);
    }
    work = Files.createTempDirectory("jtgt-scsi-");
    portal = FreePort.ofLoopback();
    for (String folder : List.of("etc", "deploy", "state", "disks")) {
      Files.createDirectory(work.resolve(folder));
    }
    for (String unit : UNITS) {
      size(unit, 64 * MEBIBYTE);
    }
    configure("org.jtgt.scsi.lu-disk", "store=disk");
    configure("org.jtgt.scsi.lu-other", "store=other");
    configure("org.jtgt.scsi.lu-fourk", "store=fourk", "blockSize=4096");
    configure("org.jtgt.scsi.lu-thick", "store=thick", "thinProvisioning=false");
    configure("org.jtgt.scsi.lu-readonly", "store=readonly", "readOnly=true");
    luns("0:disk,1:other,2:fourk,3:thick,4:readonly");
    configure("org.jtgt.iscsi.portal-scsi", "address=127.0.0.1", "port=" + portal.getPort());
    process = run();
    awaitService();
  }

  InetSocketAddress portal() {
    return portal;
  }

  /** Sets the LUNs of both targets. */
  void luns(String luns) throws IOException {
    configure("org.jtgt.scsi.target-first", "name=" + FIRST, "luns=" + luns);
    configure("org.jtgt.scsi.target-second", "name=" + SECOND, "luns=" + luns);
  }

  /** Sets the size of the store of a unit. */
  void size(String unit, long bytes) throws IOException {
    configure(
        "org.jtgt.backstore.file-" + unit,
        "path=" + work.resolve("disks").resolve(unit + ".img"),
        "size=" + bytes);
  }

  /** Writes a configuration as an operator's editor does: the file is never seen half. */
  void configure(String pid, String... lines) throws IOException {
    Path file = work.resolve("etc").resolve(pid + ".cfg");
    Path written = Files.write(work.resolve(pid + ".new"), List.of(lines));
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Takes a configuration away. */
  void remove(String pid) throws IOException {
    Files.delete(work.resolve("etc").resolve(pid + ".cfg"));
  }

  /** Stops in order and starts again with the same state. */
  void restart() throws Exception {
    stop();
    process = run();
    awaitService();
  }

  /** Kills it, as a power loss does, and starts again with the same state. */
  void crash() throws Exception {
    process.destroyForcibly().waitFor();
    process = run();
    awaitService();
  }

  /** Waits until something that the daemon does by itself has happened. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen: " + what);
      }
      Thread.sleep(100);
    }
  }

  @Override
  public void close() throws Exception {
    stop();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Process run() throws IOException {
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
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(work.resolve("daemon.log").toFile()));
    Process started = builder.start();
    started.getOutputStream().close();
    return started;
  }

  private void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private void awaitService() throws IOException {
    try {
      await("all disks are served", this::serves);
    } catch (Exception | AssertionError e) {
      String said = Files.readString(work.resolve("daemon.log"));
      process.destroyForcibly();
      throw new IOException("the distribution does not serve:\n" + said, e);
    }
  }

  /** Whether every disk can be used through both targets. */
  private boolean serves() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("the daemon ended");
    }
    for (String target : List.of(FIRST, SECOND)) {
      LoginOptions options = LoginOptions.normal("iqn.2026-11.org.jtgt.itests:waits", target);
      try (Session session = Session.login(portal, options)) {
        for (int lun = 0; lun < UNITS.size(); lun++) {
          session.logicalUnit(lun).clearUnitAttentions();
        }
      } catch (IOException | AssertionError e) {
        return false;
      }
    }
    return true;
  }
}
