// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;

/**
 * {@code jtgt train}: runs the container once as a daemon does, up to the first commands of an
 * initiator, so that the JVM can note what a start needs (JEP 514). It does so in an empty folder
 * that it is given, and on a free port of the loopback.
 */
public final class Training {
  private static final String TARGET = "iqn.2026-11.org.jtgt:training";

  private Training() {}

  /** Ends with status 0 when everything went well. */
  public static void main(String[] words) {
    int status;
    try {
      status =
          run(
              Path.of(System.getProperty("jtgt.home")).toAbsolutePath().normalize(),
              Path.of(words[0]).toAbsolutePath().normalize());
    } catch (IOException | BundleException e) {
      System.err.println("jtgt: training failed: " + e.getMessage());
      status = 2;
    } catch (InterruptedException e) {
      status = 1;
    }
    // Threads of third-party bundles must not keep it alive.
    Runtime.getRuntime().halt(status);
  }

  private static int run(Path home, Path work)
      throws IOException, BundleException, InterruptedException {
    int port = freePort();
    configure(Files.createDirectory(work.resolve("etc")), port);
    Folders folders =
        new Folders(home, work.resolve("etc"), work.resolve("deploy"), work.resolve("state"));
    Framework started =
        Daemon.start(new Arguments(folders, Optional.empty(), List.of()), framework -> {});
    TrainingInitiator.run(port, TARGET);
    return Daemon.stop(started);
  }

  private static void configure(Path etc, int port) throws IOException {
    Path image = etc.resolveSibling("disk.img");
    write(etc, "org.jtgt.backstore.file-training", "path=" + image, "size=1M");
    write(etc, "org.jtgt.scsi.lu-training", "store=training");
    write(etc, "org.jtgt.scsi.target-training", "name=" + TARGET, "luns=0:training");
    write(etc, "org.jtgt.iscsi.portal-training", "address=127.0.0.1", "port=" + port);
  }

  private static void write(Path etc, String pid, String... lines) throws IOException {
    Files.write(etc.resolve(pid + ".cfg"), List.of(lines));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
