// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs workloads against running targets: in each round every workload, and in each workload every
 * target, one right after the other, so that what disturbs the machine disturbs all. The order of
 * the targets turns from round to round.
 */
public final class Benchmark {
  private final List<Subject> subjects = new ArrayList<>();
  private final List<String> work = new ArrayList<>();
  private Duration warmUp = Duration.ofMillis(500);
  private Duration counted = Duration.ofSeconds(2);
  private Duration prime = Duration.ZERO;
  private Optional<String> beforeEach = Optional.empty();
  private int rounds = 7;
  private Optional<Path> fio = Optional.empty();
  private Path results = Path.of("results.tsv");

  private Benchmark() {}

  /**
   * Options: {@code --subject NAME,PID,PORT,IQN,FIRST_LUN}..., {@code --work
   * [fio@|iscsi-perf@]NAME:OP:BLOCK:DEPTH:CONNECTIONS[:LUNS[:PER_SECOND]]}..., {@code --rounds N},
   * {@code --seconds S}, {@code --warm-up S}, {@code --prime S} (before all rounds, for a JVM's
   * compiler), {@code --before-each COMMAND}, {@code --fio PATH}, {@code --results FILE}
   * (appended).
   */
  public static void main(String... args) throws IOException, InterruptedException {
    Benchmark benchmark = new Benchmark();
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value");
      }
      benchmark.option(args[i], args[i + 1]);
    }
    benchmark.run(System.out);
  }

  private void option(String name, String value) {
    switch (name) {
      case "--subject" -> subjects.add(Subject.parse(value));
      case "--work" -> work.add(value);
      case "--rounds" -> rounds = Integer.parseInt(value);
      case "--seconds" -> counted = seconds(value);
      case "--warm-up" -> warmUp = seconds(value);
      case "--prime" -> prime = seconds(value);
      case "--before-each" -> beforeEach = Optional.of(value);
      case "--fio" -> fio = Optional.of(Path.of(value));
      case "--results" -> results = Path.of(value);
      default -> throw new IllegalArgumentException("unknown option " + name);
    }
  }

  private static Duration seconds(String value) {
    return Duration.ofMillis(Math.round(Double.parseDouble(value) * 1000));
  }

  private void run(PrintStream log) throws IOException, InterruptedException {
    prime();
    for (int round = 0; round < rounds; round++) {
      for (String each : work) {
        for (int i = 0; i < subjects.size(); i++) {
          Measurement result = measure(subjects.get((round + i) % subjects.size()), each, round);
          append(result);
          log.printf(
              "%-10s %-22s %9.0f/s %8.1f MB/s  p50 %8.1f p99 %8.1f p99.9 %8.1f us"
                  + "  cpu %6.2f us (load %5.2f)  rss %d MB%n",
              result.subject(),
              result.workload(),
              result.perSecond(),
              result.megabytesPerSecond(),
              result.p50Micros(),
              result.p99Micros(),
              result.p999Micros(),
              result.targetCpuMicros(),
              result.generatorCpuMicros(),
              result.residentKib() / 1024);
        }
      }
    }
  }

  private void prime() throws IOException {
    for (String each : work) {
      if (!prime.isZero() && each.indexOf('@') < 0) {
        for (Subject subject : subjects) {
          LeanLoad.run(subject, Workload.parse(each), 0, Duration.ZERO, prime);
        }
      }
    }
  }

  /** The command learns from SUBJECT whose turn it is. */
  private void prepare(Subject subject) throws IOException, InterruptedException {
    if (beforeEach.isPresent()) {
      ProcessBuilder command = new ProcessBuilder("sh", "-c", beforeEach.get()).inheritIO();
      command.environment().put("SUBJECT", subject.name());
      if (command.start().waitFor() != 0) {
        throw new IOException("failed: " + beforeEach.get());
      }
    }
  }

  private Measurement measure(Subject subject, String each, int round)
      throws IOException, InterruptedException {
    prepare(subject);
    int at = each.indexOf('@');
    Workload workload = Workload.parse(each.substring(at + 1));
    return switch (at < 0 ? "" : each.substring(0, at)) {
      case "" -> LeanLoad.run(subject, workload, round, warmUp, counted);
      case "fio" ->
          ClientLoad.fio(
              fio.orElseThrow(() -> new IllegalArgumentException("a fio row needs --fio")),
              subject,
              workload,
              round,
              counted);
      case "iscsi-perf" -> ClientLoad.iscsiPerf(subject, workload, round, counted);
      default -> throw new IllegalArgumentException(each + ": load is fio or iscsi-perf");
    };
  }

  private void append(Measurement result) throws IOException {
    boolean fresh = Files.notExists(results);
    Files.writeString(
        results,
        (fresh ? Measurement.HEADER + "\n" : "") + result.toLine() + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
