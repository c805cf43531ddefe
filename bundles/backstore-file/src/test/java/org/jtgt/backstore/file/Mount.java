// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of a test's own, where the machine allows one; otherwise the test is not run. */
record Mount(Path folder) implements AutoCloseable {
  /** A small file system in memory. */
  static Mount of(String type, Path folder, String options) throws Exception {
    Files.createDirectories(folder);
    assumeThat(run("mount", "-t", type, "-o", options, type, folder.toString()))
        .as("the right to mount")
        .isEqualTo(0);
    return new Mount(folder);
  }

  /** Whether this process is root and has a tool. */
  static boolean possible(String tool) {
    return "root".equals(System.getProperty("user.name"))
        && List.of("/sbin", "/usr/sbin", "/bin", "/usr/bin").stream()
            .anyMatch(place -> Files.isExecutable(Path.of(place, tool)));
  }

  void remount(String option) throws Exception {
    if (run("mount", "-o", "remount," + option, folder.toString()) != 0) {
      throw new IOException("remount " + folder);
    }
  }

  /** Runs a tool and answers its exit code; 127 when there is no such tool. */
  static int run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException noTool) {
      return 127;
    }
  }

  /** Runs a tool and answers the first line of its output. */
  static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? text.strip() : "";
  }

  @Override
  public void close() throws Exception {
    if (run("umount", folder.toString()) != 0) {
      throw new IOException("umount " + folder);
    }
  }
}
