// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A command's words: positions, {@code key=value} pairs and options.
 *
 * @param positions words that are neither
 * @param values by key, in the order given
 * @param force whether {@code --force} is among them
 * @param detach whether {@code --detach} is among them
 */
record Words(List<String> positions, Map<String, String> values, boolean force, boolean detach) {

  /**
   * @param from position of the first word that may be a {@code key=value} pair
   */
  static Words parse(String command, List<String> words, int from) {
    var positions = new ArrayList<String>();
    var values = new LinkedHashMap<String, String>();
    boolean force = false;
    boolean detach = false;
    for (String word : words) {
      int equals = word.indexOf('=');
      if (word.equals("--force") || word.equals("-f")) {
        force = true;
      } else if (word.equals("--detach") && command.equals("commit")) {
        detach = true;
      } else if (word.startsWith("--")) {
        throw new Refusal(Refusal.USAGE, "unknown option " + word + "; see " + command + " --help");
      } else if (equals > 0 && positions.size() >= from) {
        if (values.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
          throw new Refusal(Refusal.USAGE, "'" + word.substring(0, equals) + "' is given twice");
        }
      } else {
        positions.add(word);
      }
    }
    return new Words(List.copyOf(positions), values, force, detach);
  }

  String position(int index) {
    return positions.get(index);
  }

  /** Refuses another number of positions. */
  Words require(String command, int least, int most) {
    if (positions.size() < least || positions.size() > most) {
      throw new Refusal(
          Refusal.USAGE,
          "write: "
              + String.join("   or: ", Usage.of(command).forms())
              + (positions.size() > most ? "; '" + positions.get(most) + "' is too much" : ""));
    }
    return this;
  }

  /** Refuses {@code key=value} pairs. */
  Words noValues() {
    if (!values.isEmpty()) {
      throw new Refusal(
          Refusal.USAGE, "'" + values.keySet().iterator().next() + "=' is not understood here");
    }
    return this;
  }
}
