// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jtgt.itests.distribution.Distribution.Outcome;

/**
 * A trained copy of the distribution, made once for all test processes of a build: the tests start
 * it some eighty times, and trained, a start takes half of the time. The distribution itself stays
 * as it ships: copies of it, {@code itests/protocol} and {@code itests/scsi} start untrained.
 */
final class Trained {
  static final String CACHE = "lib/jtgt.aot";
  private static final int PATIENCE_SECONDS = 300;

  /** Of this build alone: the next one may have other jars. */
  private static final Path FOLDER =
      Path.of(System.getProperty("jtgt.trained", "target/trained/" + ProcessHandle.current().pid()))
          .toAbsolutePath()
          .normalize();

  private static final Path HOME = FOLDER.resolve("home");

  private Trained() {}

  /** Where training has failed, which {@link TrainingTest} tells, it is the one that ships. */
  static Path home() throws IOException, InterruptedException {
    return outcome().status() == 0 ? HOME : Distribution.HOME;
  }

  /** How {@code bin/jtgt train} has ended in {@link #HOME}. It is called once, whatever comes. */
  static synchronized Outcome outcome() throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    Path status = FOLDER.resolve("status");
    Path said = FOLDER.resolve("said");
    try (FileChannel file = FileChannel.open(FOLDER.resolve("lock"), CREATE, WRITE);
        FileLock lock = file.lock()) {
      if (!Files.exists(status)) {
        Files.writeString(status, "1");
        Files.writeString(said, "");
        removeThoseOfOtherBuilds();
        Files.writeString(status, Integer.toString(train(said)));
      }
      return new Outcome(Integer.parseInt(Files.readString(status)), Files.readString(said));
    }
  }

  private static int train(Path said) throws IOException, InterruptedException {
    int copied = run(said, "cp", "-rp", Distribution.HOME.toString(), HOME.toString());
    forget(HOME);
    return copied != 0 ? copied : run(said, HOME.resolve("bin/jtgt").toString(), "train");
  }

  /** Ends with all that it started, in time or by force. */
  private static int run(Path said, String... words) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.redirectOutput(Redirect.appendTo(said.toFile())).start();
    boolean ended = false;
    try {
      process.getOutputStream().close();
      ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } finally {
      if (!ended) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        family.forEach(ProcessHandle::destroyForcibly);
      }
    }
    return ended ? process.exitValue() : process.waitFor();
  }

  private static void removeThoseOfOtherBuilds() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER.getParent())) {
      for (Path folder : folders.filter(folder -> !folder.equals(FOLDER)).toList()) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
  }

  /** Removes what was learnt with the distribution that was copied, as distribution/run does. */
  static void forget(Path home) throws IOException {
    Files.deleteIfExists(home.resolve(CACHE));
    Files.deleteIfExists(home.resolve(CACHE + ".jars"));
  }
}
