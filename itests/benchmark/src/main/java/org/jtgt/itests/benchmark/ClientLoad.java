// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Load by clients that others wrote: fio's libiscsi engine and libiscsi's iscsi-perf. */
final class ClientLoad {
  private static final Pattern IOPS_AVERAGE = Pattern.compile("iops average (\\d+)");

  // fio's terse format, version 3: number of a field, from 0; writes are 41 fields further.
  private static final int TERSE_ERROR = 4;
  private static final int TERSE_IOPS = 7;
  private static final int TERSE_RUNTIME_MILLIS = 8;
  private static final int TERSE_PERCENTILES = 17;
  private static final int TERSE_WRITES = 41;

  private ClientLoad() {}

  /** Runs a workload with fio. */
  static Measurement fio(Path fio, Subject subject, Workload work, int round, Duration counted)
      throws IOException, InterruptedException {
    String kind =
        (work.sequential() ? "" : "rand") + (work.readPercent() == 100 ? "read" : "write");
    if (work.readPercent() % 100 != 0) {
      throw new IllegalArgumentException(work.name() + ": fio rows are reads or writes");
    }
    double before = subject.cpuSeconds();
    String output =
        run(
            List.of(
                fio.toString(),
                "--ioengine=libiscsi",
                "--name=" + work.name(),
                "--filename=" + url(subject).replace(":", "\\:"),
                "--rw=" + kind,
                "--bs=" + work.blockBytes(),
                "--iodepth=" + work.depth(),
                "--thread=1",
                "--time_based=1",
                "--runtime=" + Math.max(1, counted.toSeconds()),
                "--percentile_list=50:99:99.9",
                "--output-format=terse",
                "--terse-version=3"));
    double cpuMicros = (subject.cpuSeconds() - before) * 1e6;
    String[] field =
        output
            .lines()
            .filter(line -> line.startsWith("3;"))
            .findFirst()
            .orElseThrow(() -> new IOException("fio: " + output))
            .split(";");
    if (!field[TERSE_ERROR].equals("0")) {
      throw new IOException("fio ends with error " + field[TERSE_ERROR]);
    }
    int shift = work.readPercent() == 100 ? 0 : TERSE_WRITES;
    double seconds = Long.parseLong(field[TERSE_RUNTIME_MILLIS + shift]) / 1e3;
    long ios = Math.round(Double.parseDouble(field[TERSE_IOPS + shift]) * seconds);
    double[] percentiles = new double[3];
    for (int i = 0; i < percentiles.length; i++) {
      String pair = field[TERSE_PERCENTILES + shift + i];
      percentiles[i] = Double.parseDouble(pair.substring(pair.indexOf('=') + 1));
    }
    return new Measurement(
        subject.name(),
        work.name(),
        round,
        ios,
        seconds,
        work.blockBytes(),
        percentiles[0],
        percentiles[1],
        percentiles[2],
        Double.NaN,
        Double.NaN,
        cpuMicros / Math.max(1, ios),
        subject.residentKib());
  }

  /** Runs random or sequential reads with iscsi-perf, which tells no latencies. */
  static Measurement iscsiPerf(Subject subject, Workload work, int round, Duration counted)
      throws IOException, InterruptedException {
    if (work.readPercent() != 100) {
      throw new IllegalArgumentException(work.name() + ": iscsi-perf only reads");
    }
    double before = subject.cpuSeconds();
    long seconds = Math.max(1, counted.toSeconds());
    String output =
        run(
            List.of(
                "iscsi-perf",
                "-m" + work.depth(),
                "-b" + work.blockBytes() / 512,
                "-t" + seconds,
                work.sequential() ? "-x1000" : "-r",
                url(subject)));
    double cpuMicros = (subject.cpuSeconds() - before) * 1e6;
    Matcher average = IOPS_AVERAGE.matcher(output);
    long perSecond = -1;
    while (average.find()) {
      perSecond = Long.parseLong(average.group(1));
    }
    if (perSecond < 0) {
      throw new IOException("iscsi-perf: " + output);
    }
    return new Measurement(
        subject.name(),
        work.name(),
        round,
        perSecond * seconds,
        seconds,
        work.blockBytes(),
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        cpuMicros / Math.max(1, perSecond * seconds),
        subject.residentKib());
  }

  private static String url(Subject subject) {
    return "iscsi://127.0.0.1:%d/%s/%d"
        .formatted(subject.port(), subject.iqn(), subject.firstLun());
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(command.getFirst() + " ends with " + code + ": " + output);
    }
    return output;
  }
}
