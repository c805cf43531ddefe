// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Groups of bars as SVG. Each group is scaled to its own largest bar, because sequential megabytes
 * and single blocks differ by orders; every bar carries its number.
 */
final class BarPlot {
  private static final List<String> COLOURS = List.of("#2b6cb0", "#a0aec0", "#cbd5e0", "#e2e8f0");
  private static final int BAR = 16;
  private static final int LEFT = 170;
  private static final int WIDTH = 430;

  private record Group(String name, List<Quantiles> bars) {}

  private final String title;
  private final List<String> subjects;
  private final List<Group> groups = new ArrayList<>();

  BarPlot(String title, List<String> subjects) {
    this.title = title;
    this.subjects = subjects;
  }

  void group(String name, List<Quantiles> bars) {
    groups.add(new Group(name, bars));
  }

  String toSvg() {
    int groupHeight = subjects.size() * BAR + 12;
    int height = 56 + groups.size() * groupHeight;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">%n"
            .formatted(LEFT + WIDTH + 110, height));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    svg.append("<text x=\"10\" y=\"18\" font-size=\"14\">").append(title).append("</text>\n");
    for (int i = 0; i < subjects.size(); i++) {
      svg.append(rectangle(LEFT + i * 110, 28, 12, 12, colour(i)));
      svg.append(text(LEFT + i * 110 + 17, 38, "start", subjects.get(i)));
    }
    int y = 52;
    for (Group group : groups) {
      double most =
          group.bars().stream().mapToDouble(Quantiles::upper).filter(v -> v > 0).max().orElse(1);
      svg.append(text(LEFT - 8, y + subjects.size() * BAR / 2 + 4, "end", group.name()));
      for (int i = 0; i < group.bars().size(); i++) {
        bar(svg, group.bars().get(i), most, y + i * BAR, colour(i));
      }
      y += groupHeight;
    }
    return svg.append("</svg>\n").toString();
  }

  private static void bar(StringBuilder svg, Quantiles value, double most, int y, String colour) {
    if (Double.isNaN(value.median())) {
      return;
    }
    int end = LEFT + (int) (value.median() / most * WIDTH);
    svg.append(rectangle(LEFT, y, Math.max(1, end - LEFT), BAR - 3, colour));
    int from = LEFT + (int) (value.lower() / most * WIDTH);
    int to = LEFT + (int) (value.upper() / most * WIDTH);
    int middle = y + (BAR - 3) / 2;
    svg.append(
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"black\"/>%n"
            .formatted(from, middle, to, middle));
    String format = value.median() >= 100 ? "%.0f" : "%.1f";
    svg.append(
        text(
            Math.max(end, to) + 5,
            y + 11,
            "start",
            String.format(Locale.ROOT, format, value.median())));
  }

  private static String colour(int index) {
    return COLOURS.get(index % COLOURS.size());
  }

  private static String rectangle(int x, int y, int width, int height, String colour) {
    return "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n"
        .formatted(x, y, width, height, colour);
  }

  private static String text(int x, int y, String anchor, String text) {
    return "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n".formatted(x, y, anchor, text);
  }
}
