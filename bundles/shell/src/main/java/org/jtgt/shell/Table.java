// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.util.ArrayList;
import java.util.List;

/** Plain text in aligned columns; a column of numbers is aligned to the right. */
final class Table {
  private static final String GAP = "  ";

  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... head) {
    this.head = List.of(head);
  }

  Table(List<String> head) {
    this.head = List.copyOf(head);
  }

  /** Adds a line; a cell may be empty. */
  Table row(String... cells) {
    return row(List.of(cells));
  }

  Table row(List<String> cells) {
    rows.add(List.copyOf(cells));
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The table with its head, each line ended; columns without any content are left out. */
  String text() {
    var text = new StringBuilder();
    line(text, head);
    rows.forEach(row -> line(text, row));
    return text.toString();
  }

  private void line(StringBuilder text, List<String> cells) {
    var line = new StringBuilder();
    for (int column = 0; column < head.size(); column++) {
      if (empty(column)) {
        continue;
      }
      String cell = cells.get(column);
      String padding = " ".repeat(width(column) - cell.length());
      line.append(line.isEmpty() ? "" : GAP);
      line.append(numeric(column) ? padding + cell : cell + padding);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private boolean empty(int column) {
    return rows.stream().allMatch(row -> row.get(column).isEmpty());
  }

  private boolean numeric(int column) {
    return rows.stream().allMatch(row -> row.get(column).matches("[\\d,.]*"));
  }

  private int width(int column) {
    int width = head.get(column).length();
    for (List<String> row : rows) {
      width = Math.max(width, row.get(column).length());
    }
    return width;
  }
}
