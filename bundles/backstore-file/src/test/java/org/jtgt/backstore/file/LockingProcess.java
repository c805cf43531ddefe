// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Another JVM that opens a store, says {@code open} or the reason why not, and holds it until its
 * standard input ends.
 */
final class LockingProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  /** Starts it; the folder takes its state. */
  LockingProcess(Path file, boolean readOnly, boolean shared, Path folder) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                LockingProcess.class.getName(),
                file.toString(),
                Boolean.toString(readOnly),
                Boolean.toString(shared),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** What it says: {@code open}, or the refusal. */
  String answer() throws IOException {
    return String.valueOf(output.readLine());
  }

  long pid() {
    return process.pid();
  }

  /** Ends it as a power cut would: nothing is released by its own code. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      process.waitFor();
    } catch (InterruptedException end) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The other JVM. */
  public static void main(String[] args) throws IOException {
    Fixture fixture = new Fixture(Path.of(args[3]));
    try {
      fixture.open(
          "elsewhere",
          Fixture.config(
              Path.of(args[0]), "", Boolean.parseBoolean(args[1]), Boolean.parseBoolean(args[2])));
    } catch (IOException refused) {
      System.out.println(refused.getMessage());
      return;
    }
    System.out.println("open");
    if (System.in.read() >= 0) {
      throw new UncheckedIOException(new IOException("nothing was expected on standard input"));
    }
    fixture.close();
    Files.exists(Path.of(args[0]));
  }
}
