// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jtgt.scsi.device.UnitMemory;

/**
 * The RELATIVE TARGET PORT IDENTIFIERs of the container, the same after a restart because
 * registrations with APTPL mean ports by them.
 *
 * <p>A login that needs a new one does not wait for stable storage: it is written behind it. What
 * means a port by its identifier over a restart {@linkplain #keep waits} for that first.
 */
final class PortIdentifiers {
  private static final String KEY = "ports";
  private static final int MAXIMUM = 0xFFFF;

  private final UnitMemory memory;
  private final Reporter reporter;
  private final Executor writer;
  private final Map<String, Integer> identifiers = new LinkedHashMap<>();
  private final Object writing = new Object();
  private boolean unkept;

  /**
   * @param writer runs what waits for stable storage
   * @throws IllegalStateException when what was kept cannot be used
   */
  PortIdentifiers(UnitMemory memory, Reporter reporter, Executor writer) {
    this.memory = memory;
    this.reporter = reporter;
    this.writer = writer;
    for (String line : lines(memory, KEY, "\\d{1,5} \\S.*")) {
      String[] words = line.split(" ", 2);
      identifiers.put(words[1], Integer.parseInt(words[0]));
    }
  }

  /**
   * The lines of a file of the engine's.
   *
   * @throws IllegalStateException when one of them has not the form
   */
  static List<String> lines(UnitMemory memory, String key, String form) {
    List<String> lines =
        memory
            .load(key)
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8).lines().toList())
            .orElse(List.of());
    for (String line : lines) {
      if (!line.matches(form)) {
        throw new IllegalStateException(
            "the file %s of the SCSI engine in the state folder is damaged: \"%s\"; put it right, or delete it (registrations that were kept may then mean other ports)"
                .formatted(key, line));
      }
    }
    return lines;
  }

  static void keep(UnitMemory memory, String key, Collection<String> lines) throws IOException {
    memory.keep(key, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** That of a port; a port that is new gets the lowest free one. */
  int of(String portName) {
    int free = 1;
    synchronized (identifiers) {
      Integer known = identifiers.get(portName);
      if (known != null) {
        return known;
      }
      while (identifiers.containsValue(free)) {
        free++;
      }
      if (free > MAXIMUM) {
        throw new IllegalStateException("no relative target port identifier is left");
      }
      identifiers.put(portName, free);
      unkept = true;
    }
    writer.execute(this::keepOrTell);
    return free;
  }

  /**
   * Returns when all that were given are on stable storage; the thread may wait.
   *
   * @throws IOException when they cannot be kept; they are tried again the next time
   */
  void keep() throws IOException {
    synchronized (writing) {
      List<String> lines = new ArrayList<>();
      synchronized (identifiers) {
        if (!unkept) {
          return;
        }
        unkept = false;
        identifiers.forEach((name, number) -> lines.add(number + " " + name));
      }
      boolean kept = false;
      try {
        keep(memory, KEY, lines);
        kept = true;
      } finally {
        if (!kept) {
          synchronized (identifiers) {
            unkept = true;
          }
        }
      }
    }
  }

  /** As {@link #keep}, for whom nobody waits. */
  void keepOrTell() {
    try {
      keep();
    } catch (IOException e) {
      reporter.warn("the identifiers of target ports are not kept: {}", e.toString());
    }
  }
}
