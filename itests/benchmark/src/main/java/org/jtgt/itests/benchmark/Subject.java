// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A running target.
 *
 * @param pid its process, whose CPU time and memory are read from /proc
 * @param firstLun number of its first disk (tgt keeps LUN 0 for itself)
 */
record Subject(String name, long pid, int port, String iqn, int firstLun) {
  /** Reads {@code NAME,PID,PORT,IQN,FIRST_LUN}. */
  static Subject parse(String text) {
    String[] part = text.split(",");
    if (part.length != 5) {
      throw new IllegalArgumentException(text + ": not NAME,PID,PORT,IQN,FIRST_LUN");
    }
    return new Subject(
        part[0],
        Long.parseLong(part[1]),
        Integer.parseInt(part[2]),
        part[3],
        Integer.parseInt(part[4]));
  }

  InetSocketAddress portal() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  /** CPU time of the process with its ended threads, in ticks of 10 ms (proc(5), utime + stime). */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  /** Resident memory, in KiB. */
  long residentKib() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
