// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The terminal this process runs on, in raw mode until closed. */
final class Tty implements AutoCloseable {
  private static final String DEFAULT_SIZE = "24 80";

  private final String settings;
  private boolean closed;

  private Tty(String settings) {
    this.settings = settings;
  }

  /** Whether standard input and output are a terminal. */
  static boolean present() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /**
   * Sets it to raw mode: each key comes at once and unchanged.
   *
   * @throws IOException when stty does not work
   */
  static Tty raw() throws IOException {
    String settings = stty("-g");
    stty("raw", "-echo");
    return new Tty(settings);
  }

  /** "COLUMNS ROWS TYPE". */
  String size() {
    String rowsAndColumns;
    try {
      rowsAndColumns = stty("size");
    } catch (IOException noSize) {
      rowsAndColumns = DEFAULT_SIZE;
    }
    String[] both =
        (rowsAndColumns.matches("[1-9]\\d* [1-9]\\d*") ? rowsAndColumns : DEFAULT_SIZE).split(" ");
    String type = System.getenv().getOrDefault("TERM", "dumb");
    return both[1] + " " + both[0] + " " + type;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try {
        stty(settings);
      } catch (IOException e) {
        System.err.println("jtgt: the terminal stays raw, type: reset");
      }
    }
  }

  private static String stty(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/tty"))
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("stty: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return output;
  }
}
