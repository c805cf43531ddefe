// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

/**
 * What one run of a workload gave.
 *
 * @param ios commands that ended in the measured time
 * @param generatorCpuMicros CPU of the load generator for each command
 * @param targetCpuMicros CPU of the target's process for each command
 * @param residentKib memory of the target after the run
 */
record Measurement(
    String subject,
    String workload,
    int round,
    long ios,
    double seconds,
    int blockBytes,
    double p50Micros,
    double p99Micros,
    double p999Micros,
    double maxMicros,
    double generatorCpuMicros,
    double targetCpuMicros,
    long residentKib) {

  static final String HEADER =
      "subject\tworkload\tround\tios\tseconds\tblock\tp50_us\tp99_us\tp99.9_us\tmax_us"
          + "\tgenerator_cpu_us\ttarget_cpu_us\trss_kib";

  double perSecond() {
    return ios / seconds;
  }

  double megabytesPerSecond() {
    return perSecond() * blockBytes / 1e6;
  }

  String toLine() {
    return "%s\t%s\t%d\t%d\t%.4f\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t%d"
        .formatted(
            subject,
            workload,
            round,
            ios,
            seconds,
            blockBytes,
            p50Micros,
            p99Micros,
            p999Micros,
            maxMicros,
            generatorCpuMicros,
            targetCpuMicros,
            residentKib);
  }

  static Measurement ofLine(String line) {
    String[] f = line.split("\t");
    return new Measurement(
        f[0],
        f[1],
        Integer.parseInt(f[2]),
        Long.parseLong(f[3]),
        Double.parseDouble(f[4]),
        Integer.parseInt(f[5]),
        Double.parseDouble(f[6]),
        Double.parseDouble(f[7]),
        Double.parseDouble(f[8]),
        Double.parseDouble(f[9]),
        Double.parseDouble(f[10]),
        Double.parseDouble(f[11]),
        Long.parseLong(f[12]));
  }
}
