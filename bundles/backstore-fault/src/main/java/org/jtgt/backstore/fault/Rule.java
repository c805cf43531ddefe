// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.fault;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.ByteSize;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.StoreIo.Operation;

/** Which I/Os are concerned, and what becomes of them. Counts what it has seen. */
final class Rule {
  private static final Map<String, Operation> OPERATIONS =
      Map.of(
          "read", Operation.READ,
          "write", Operation.WRITE,
          "flush", Operation.FLUSH,
          "unmap", Operation.UNMAP,
          "zero", Operation.WRITE_ZEROES);
  private static final Map<String, Kind> KINDS =
      Map.of(
          "media", Kind.MEDIA,
          "transient", Kind.TRANSIENT,
          "gone", Kind.GONE,
          "full", Kind.FULL,
          "protected", Kind.WRITE_PROTECTED,
          "other", Kind.OTHER);
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})(us|ms|s)");
  private static final Pattern RANGE = Pattern.compile("([^-]+)-([^-]+)");

  private final Set<Operation> operations;
  private final Action action;
  private long from;
  private long to = Long.MAX_VALUE;
  private long after;
  private long every = 1;
  private long count = Long.MAX_VALUE;
  private double probability = 1;
  private long seen;
  private long done;

  private Rule(Set<Operation> operations, Action action) {
    this.operations = operations;
    this.action = action;
  }

  /**
   * Reads a rule.
   *
   * @throws IllegalArgumentException with one line: the rule, the word and what is allowed
   */
  static Rule parse(String text) {
    String[] words = text.strip().toLowerCase(Locale.ROOT).split("\\s+");
    try {
      if (words.length < 2) {
        throw new IllegalArgumentException("allowed: OPERATIONS ACTION [CONDITION...]");
      }
      Rule rule = new Rule(operations(words[0]), action(words[1]));
      if (rule.action instanceof Action.Tear && !rule.operations.equals(Set.of(Operation.WRITE))) {
        throw new IllegalArgumentException("torn is for write alone");
      }
      if (rule.action instanceof Action.Lose && rule.operations.contains(Operation.READ)) {
        throw new IllegalArgumentException("lost is not for read");
      }
      for (int i = 2; i < words.length; i++) {
        rule.condition(words[i]);
      }
      return rule;
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          "rules: '%s': %s".formatted(text.strip(), wrong.getMessage()), wrong);
    }
  }

  private static Set<Operation> operations(String word) {
    if (word.equals("any")) {
      return EnumSet.allOf(Operation.class);
    }
    Set<Operation> found = EnumSet.noneOf(Operation.class);
    for (String part : word.split("\\+", -1)) {
      found.add(known(OPERATIONS, part, "any, "));
    }
    return found;
  }

  private static <T> T known(Map<String, T> words, String word, String also) {
    T found = words.get(word);
    if (found == null) {
      throw new IllegalArgumentException(
          "'%s' is not known; allowed: %s%s"
              .formatted(word, also, String.join(", ", words.keySet().stream().sorted().toList())));
    }
    return found;
  }

  private static Action action(String word) {
    String key = word.replaceFirst("=.*", "");
    String value = word.substring(Math.min(word.length(), key.length() + 1));
    return switch (key) {
      case "error" -> new Action.Fail(known(KINDS, value, ""));
      case "delay" -> new Action.Delay(time(value));
      case "torn" -> new Action.Tear(ByteSize.parse(value).bytes());
      case "lost" -> new Action.Lose();
      case "hang" -> new Action.Hang();
      default ->
          throw new IllegalArgumentException(
              "'%s' is no action; allowed: error=, delay=, torn=, lost, hang".formatted(word));
    };
  }

  private static Duration time(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no time; allowed: a number and us, ms or s".formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "us" -> Duration.ofNanos(number * 1000);
      case "ms" -> Duration.ofMillis(number);
      default -> Duration.ofSeconds(number);
    };
  }

  private void condition(String word) {
    String key = word.replaceFirst("=.*", "");
    String value = word.substring(Math.min(word.length(), key.length() + 1));
    switch (key) {
      case "at" -> {
        Matcher range = RANGE.matcher(value);
        if (!range.matches()) {
          throw new IllegalArgumentException("'%s' is no range FROM-TO".formatted(value));
        }
        from = ByteSize.parse(range.group(1)).bytes();
        to = ByteSize.parse(range.group(2)).bytes();
      }
      case "after" -> after = number(word, value, 0);
      case "every" -> every = number(word, value, 1);
      case "count" -> count = number(word, value, 0);
      case "probability" -> probability = part(word, value);
      default ->
          throw new IllegalArgumentException(
              "'%s' is no condition; allowed: at=, after=, every=, count=, probability="
                  .formatted(word));
    }
  }

  private static long number(String word, String value, long least) {
    if (!value.matches("\\d{1,18}") || Long.parseLong(value) < least) {
      throw new IllegalArgumentException(
          "'%s': a whole number of at least %d is needed".formatted(word, least));
    }
    return Long.parseLong(value);
  }

  private static double part(String word, String value) {
    if (!value.matches("(0|0?\\.\\d{1,12}|1|1\\.0+|0\\.\\d{1,12})")) {
      throw new IllegalArgumentException("'%s': a number from 0 to 1 is needed".formatted(word));
    }
    return Double.parseDouble(value);
  }

  Action action() {
    return action;
  }

  /** Whether it is this I/O's turn; asked once for each I/O, by one thread at a time. */
  boolean strikes(StoreIo io, Random random) {
    boolean concerned =
        operations.contains(io.operation())
            && (io.operation() == Operation.FLUSH
                || (io.offsetBytes() < to && io.offsetBytes() + io.lengthBytes() > from));
    if (!concerned) {
      return false;
    }
    seen++;
    boolean turn =
        seen > after
            && (seen - after) % every == 0
            && done < count
            && (probability >= 1 || random.nextDouble() < probability);
    if (turn) {
      done++;
    }
    return turn;
  }

  /** First byte that an error of this rule names, for an I/O that it struck. */
  long badByte(StoreIo io) {
    return Math.max(io.offsetBytes(), from);
  }
}
