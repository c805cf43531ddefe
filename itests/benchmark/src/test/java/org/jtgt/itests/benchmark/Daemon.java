// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;

/**
 * The distribution that was built, as it ships, in folders of its own and on a free port: LUN 0 in
 * memory, LUN 1 in a file on a memory file system, where there is one.
 */
final class Daemon implements AutoCloseable {
  private static final String NAME = "iqn.2026-11.org.jtgt:benchmark";
  private static final long PATIENCE_SECONDS = 120;

  private static final Path MEMORY = Path.of("/dev/shm");

  private final Path work;
  private final Path disk;
  private final Process process;
  private final int port;

  Daemon() throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("jtgt.distribution", "")).toAbsolutePath().normalize();
    work = Files.createTempDirectory("jtgt-benchmark-");
    disk =
        Files.isDirectory(MEMORY)
            ? MEMORY.resolve(work.getFileName() + ".img")
            : work.resolve("disk.img");
    port = FreePort.ofLoopback().getPort();
    for (String folder : List.of("etc", "deploy", "state")) {
      Files.createDirectory(work.resolve(folder));
    }
    write("org.jtgt.backstore.memory-memory", "size=64M");
    write("org.jtgt.backstore.file-file", "path=" + disk, "size=64M");
    write("org.jtgt.scsi.lu-memory", "store=memory");
    write("org.jtgt.scsi.lu-file", "store=file");
    write("org.jtgt.scsi.target-benchmark", "name=" + NAME, "luns=0:memory,1:file");
    write("org.jtgt.iscsi.portal-benchmark", "address=127.0.0.1", "port=" + port);
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
    builder.redirectErrorStream(true).redirectOutput(work.resolve("log").toFile());
    process = builder.start();
    process.getOutputStream().close();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!serves()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        String said = Files.readString(work.resolve("log"));
        close();
        throw new IOException("the distribution does not serve:\n" + said);
      }
      Thread.sleep(200);
    }
  }

  /** It, from a LUN on. */
  Subject subject(int firstLun) {
    return new Subject("jtgt", process.pid(), port, NAME, firstLun);
  }

  /** Whether the file of LUN 1 lies in memory. */
  boolean fileInMemory() throws IOException {
    return Files.getFileStore(disk).type().equals("tmpfs");
  }

  private boolean serves() {
    LoginOptions options = LoginOptions.normal("iqn.2026-11.org.jtgt:probe", NAME);
    try (Session session = Session.login(subject(0).portal(), options)) {
      for (int lun = 0; lun < 2; lun++) {
        session.logicalUnit(lun).clearUnitAttentions();
        session.logicalUnit(lun).capacity();
      }
      return true;
    } catch (IOException | AssertionError | IllegalStateException e) {
      return false;
    }
  }

  private void write(String pid, String... lines) throws IOException {
    Files.write(work.resolve("etc").resolve(pid + ".cfg"), List.of(lines));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    Files.deleteIfExists(disk);
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
