// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

/**
 * What is asked of a target.
 *
 * @param blockBytes bytes of each command
 * @param depth commands in flight on each connection
 * @param connections sessions of one connection each
 * @param readPercent share of reads
 * @param sequential one address after the other instead of random ones
 * @param luns logical units 0..luns-1 are used in turn
 * @param perSecond commands a second that are meant to be sent (open loop); 0 for as fast as they
 *     are answered (closed loop)
 * @param background what goes to the next logical unit at the same time and is not measured; null
 *     for nothing
 * @param sameSession whether it goes over the same session
 */
record Workload(
    String name,
    int blockBytes,
    int depth,
    int connections,
    int readPercent,
    boolean sequential,
    int luns,
    long perSecond,
    Workload background,
    boolean sameSession) {

  /**
   * Reads {@code NAME:OP:BLOCK:DEPTH:CONNECTIONS[:LUNS[:PER_SECOND]]}; OP is randread, randwrite,
   * read, write or randrwNN with NN percent of reads.
   */
  static Workload parse(String text) {
    int at = Math.max(text.indexOf('+'), text.indexOf('&'));
    if (at < 0) {
      return parseOne(text);
    }
    return parseOne(text.substring(0, at))
        .with(parseOne(text.substring(at + 1)), text.charAt(at) == '+');
  }

  private Workload with(Workload other, boolean inSameSession) {
    return new Workload(
        name,
        blockBytes,
        depth,
        connections,
        readPercent,
        sequential,
        luns,
        perSecond,
        other,
        inSameSession);
  }

  /** The same with another number of commands in flight. */
  Workload withDepth(int commands) {
    return new Workload(
        name,
        blockBytes,
        commands,
        connections,
        readPercent,
        sequential,
        luns,
        perSecond,
        background,
        sameSession);
  }

  private static Workload parseOne(String text) {
    String[] part = text.split(":");
    if (part.length < 5 || part.length > 7) {
      throw new IllegalArgumentException(
          text + ": not NAME:OP:BLOCK:DEPTH:CONNECTIONS[:LUNS[:PER_SECOND]]");
    }
    String op = part[1];
    int reads =
        switch (op) {
          case "randread", "read" -> 100;
          case "randwrite", "write" -> 0;
          default -> {
            if (!op.matches("randrw\\d{1,2}")) {
              throw new IllegalArgumentException(
                  op + ": not randread, randwrite, read, write, randrwNN");
            }
            yield Integer.parseInt(op.substring("randrw".length()));
          }
        };
    return new Workload(
        part[0],
        bytes(part[2]),
        Integer.parseInt(part[3]),
        Integer.parseInt(part[4]),
        reads,
        !op.startsWith("rand"),
        part.length > 5 ? Integer.parseInt(part[5]) : 1,
        part.length > 6 ? Long.parseLong(part[6]) : 0,
        null,
        true);
  }

  private static int bytes(String text) {
    int unit =
        switch (text.charAt(text.length() - 1)) {
          case 'k' -> 1 << 10;
          case 'M' -> 1 << 20;
          default -> 1;
        };
    return unit * Integer.parseInt(unit == 1 ? text : text.substring(0, text.length() - 1));
  }
}
