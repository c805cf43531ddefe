// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What lives in the heap of a JVM, a target's: {@code jcmd} counts it after a full collection.
 *
 * @param bytes of all live objects
 * @param instances live ones by the name of their class, which is absent where there are none
 */
public record ClassHistogram(long bytes, Map<String, Long> instances) {

  /** Asks the JVM with this process id. */
  public static ClassHistogram of(long pid) throws IOException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    return parse(new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  /** Reads lines {@code NUMBER: INSTANCES BYTES CLASS} and {@code Total INSTANCES BYTES}. */
  private static ClassHistogram parse(String said) throws IOException {
    Map<String, Long> instances = new HashMap<>();
    for (String line : said.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      if (words[0].equals("Total")) {
        return new ClassHistogram(Long.parseLong(words[2]), Map.copyOf(instances));
      }
      if (words.length > 3 && words[0].matches("\\d+:")) {
        instances.merge(words[3], Long.parseLong(words[1]), Long::sum);
      }
    }
    throw new IOException("no histogram: " + said);
  }
}
