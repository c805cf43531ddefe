// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Makes a Markdown table and SVG plots of the results of {@link Benchmark}. Ratios are those of one
 * round, of measurements right after each other; the lower quartile of them is what a goal is held
 * against.
 */
public final class Report {
  private final List<Measurement> all;
  private final Set<String> subjects = new LinkedHashSet<>();
  private final Set<String> workloads = new LinkedHashSet<>();

  private Report(List<Measurement> all) {
    this.all = all;
    for (Measurement one : all) {
      subjects.add(one.subject());
      workloads.add(one.workload());
    }
  }

  /** Arguments: the file of results, the folder for {@code table.md} and the plots. */
  public static void main(String... args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("arguments: RESULTS.tsv FOLDER");
    }
    List<Measurement> all = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (!line.equals(Measurement.HEADER)) {
        all.add(Measurement.ofLine(line));
      }
    }
    Report report = new Report(all);
    Path folder = Files.createDirectories(Path.of(args[1]));
    Files.writeString(folder.resolve("table.md"), report.table());
    Files.writeString(
        folder.resolve("iops.svg"),
        report.plot("I/Os a second (median, quartiles)", Measurement::perSecond));
    Files.writeString(
        folder.resolve("cpu.svg"),
        report.plot("CPU of the target for each I/O, µs", Measurement::targetCpuMicros));
    Files.writeString(
        folder.resolve("p99.svg"), report.plot("99th percentile, µs", Measurement::p99Micros));
    System.out.print(report.table());
  }

  private String table() {
    StringBuilder text = new StringBuilder();
    String first = subjects.iterator().next();
    text.append(
            "| work | target | I/O/s | MB/s | p50 µs | p99 µs | p99.9 µs | CPU µs/I/O | RSS MB |")
        .append(" IOPS of ")
        .append(first)
        .append(" : its (lower quartile) | CPU ratio | load's CPU µs/I/O | rounds |\n");
    text.append(
        "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n");
    for (String workload : workloads) {
      for (String subject : subjects) {
        List<Measurement> runs = runs(subject, workload);
        if (!runs.isEmpty()) {
          row(text, first, subject, workload, runs);
        }
      }
    }
    return text.toString();
  }

  private void row(
      StringBuilder text, String first, String subject, String workload, List<Measurement> runs) {
    Quantiles ratio = ratios(first, subject, workload, Measurement::perSecond);
    Quantiles cpu = ratios(first, subject, workload, Measurement::targetCpuMicros);
    boolean own = subject.equals(first);
    text.append("| ")
        .append(own ? workload : "")
        .append(" | ")
        .append(subject)
        .append(cell("%.0f", runs, Measurement::perSecond))
        .append(cell("%.0f", runs, Measurement::megabytesPerSecond))
        .append(cell("%.0f", runs, Measurement::p50Micros))
        .append(cell("%.0f", runs, Measurement::p99Micros))
        .append(cell("%.0f", runs, Measurement::p999Micros))
        .append(cell("%.1f", runs, Measurement::targetCpuMicros))
        .append(cell("%.0f", runs, run -> run.residentKib() / 1024.0))
        .append(" | ")
        .append(
            own ? "" : number("%.2f", ratio.median()) + " (" + number("%.2f", ratio.lower()) + ")")
        .append(" | ")
        .append(own ? "" : number("%.2f", cpu.median()))
        .append(cell("%.1f", runs, Measurement::generatorCpuMicros))
        .append(" | ")
        .append(runs.size())
        .append(" |\n");
  }

  private static String cell(
      String format, List<Measurement> runs, ToDoubleFunction<Measurement> value) {
    return " | " + number(format, Quantiles.of(runs.stream().mapToDouble(value)).median());
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }

  private List<Measurement> runs(String subject, String workload) {
    return all.stream()
        .filter(one -> one.subject().equals(subject) && one.workload().equals(workload))
        .toList();
  }

  /** The n-th run of one over the n-th run of the other. */
  private Quantiles ratios(
      String over, String under, String workload, ToDoubleFunction<Measurement> value) {
    List<Measurement> above = runs(over, workload);
    List<Measurement> below = runs(under, workload);
    DoubleStream.Builder ratios = DoubleStream.builder();
    for (int i = 0; i < Math.min(above.size(), below.size()); i++) {
      ratios.add(value.applyAsDouble(above.get(i)) / value.applyAsDouble(below.get(i)));
    }
    return Quantiles.of(ratios.build());
  }

  private String plot(String title, ToDoubleFunction<Measurement> value) {
    BarPlot plot = new BarPlot(title, List.copyOf(subjects));
    for (String workload : workloads) {
      List<Quantiles> bars = new ArrayList<>();
      for (String subject : subjects) {
        bars.add(Quantiles.of(runs(subject, workload).stream().mapToDouble(value)));
      }
      plot.group(workload, bars);
    }
    return plot.toSvg();
  }
}
