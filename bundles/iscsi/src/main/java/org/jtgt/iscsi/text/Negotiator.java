// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The target's side of parameter negotiation (RFC 7143 6.2): takes the initiator's pairs, gives the
 * answers and keeps the results. The target always responds, it originates only declarations.
 *
 * <p>Not for several threads at once.
 */
public final class Negotiator {
  private final Map<Key, String> own;
  private final Map<Key, String> results = new EnumMap<>(Key.class);
  private final Set<Key> seen = EnumSet.noneOf(Key.class);
  private boolean joining;
  private boolean discovery;

  /**
   * @param own the target's values: a number or boolean to apply in the result function, a list of
   *     accepted values for a choice; keys that are missing take the default
   */
  public Negotiator(Map<Key, String> own) {
    this.own = Map.copyOf(own);
  }

  /** Says that the connection joins a session: leading-only keys are irrelevant. */
  public void joining(boolean yes) {
    joining = yes;
  }

  /** Says that the session is a discovery session (RFC 7143 13.21). */
  public void discovery(boolean yes) {
    discovery = yes;
  }

  /** The result of a key, or its default. */
  public String result(Key key) {
    return results.getOrDefault(key, key.defaultValue());
  }

  /**
   * Notes a key that is handled elsewhere.
   *
   * @throws TextException when it comes a second time
   */
  public void once(Key key) throws TextException {
    if (!seen.add(key)) {
      throw new TextException(key.text() + " was sent twice");
    }
  }

  /** True when a key has come. */
  public boolean seen(Key key) {
    return seen.contains(key);
  }

  /** What came of pairs. */
  public sealed interface Outcome {
    /** Pairs to answer with, perhaps none. */
    record Answers(List<TextPair> pairs) implements Outcome {}

    /**
     * The negotiation failed (RFC 7143 7.10): a value is not acceptable.
     *
     * @param pairs the answers, one of them Reject
     * @param reason which key, which value, what is allowed
     */
    record Failed(List<TextPair> pairs, String reason) implements Outcome {}
  }

  /**
   * Negotiates operational keys, in the order they came; FirstBurstLength and MaxOutstandingR2T
   * last, because their answers depend on others.
   *
   * @throws TextException when the initiator breaks a rule of RFC 7143 6.2
   */
  public Outcome negotiate(List<TextPair> pairs) throws TextException {
    List<TextPair> answers = new ArrayList<>();
    String failure = "";
    List<TextPair> ordered = new ArrayList<>(pairs);
    ordered.sort((a, b) -> Boolean.compare(dependsOnOthers(a.key()), dependsOnOthers(b.key())));
    for (TextPair pair : ordered) {
      Key key = Key.of(pair.key()).orElse(null);
      if (key == null) {
        answers.add(new TextPair(pair.key(), TextValue.NOT_UNDERSTOOD));
        continue;
      }
      if (key.use() == Key.Use.TARGET_ONLY) {
        throw new TextException(key.text() + " was sent by an initiator");
      }
      once(key);
      if (TextValue.isReservedAnswer(pair.value())) {
        throw new TextException(key.text() + "=" + pair.value() + " was offered");
      }
      String answer = answer(key, pair.value());
      if (!answer.isEmpty()) {
        answers.add(new TextPair(pair.key(), answer));
      }
      if (answer.equals(TextValue.REJECT) && !(key.rule() instanceof Rule.Obsolete)) {
        failure = key.text() + "=" + TextPair.shown(pair.value()) + ", allowed " + allowed(key);
      }
    }
    return failure.isEmpty() ? new Outcome.Answers(answers) : new Outcome.Failed(answers, failure);
  }

  /**
   * What the target insists on although the initiator has not offered the key, whose default is
   * another value: a No of a conjunction needs no answer (RFC 7143 6.2.2).
   */
  public List<TextPair> insist() {
    if (discovery
        || joining
        || seen(Key.IMMEDIATE_DATA)
        || !own.getOrDefault(Key.IMMEDIATE_DATA, TextValue.YES).equals(TextValue.NO)) {
      return List.of();
    }
    seen.add(Key.IMMEDIATE_DATA);
    return List.of(
        new TextPair(Key.IMMEDIATE_DATA.text(), agree(Key.IMMEDIATE_DATA, TextValue.NO)));
  }

  /**
   * A key whose result is not among what the target accepts, because the initiator was silent about
   * it; empty when there is none.
   */
  public Optional<String> contradiction() {
    if (discovery) {
      return Optional.empty();
    }
    for (Key key : List.of(Key.HEADER_DIGEST, Key.DATA_DIGEST)) {
      String accepted = own.getOrDefault(key, key.defaultValue());
      if (!List.of(accepted.split(",")).contains(result(key))) {
        return Optional.of(key.text() + " was not offered, required " + accepted);
      }
    }
    if (!joining
        && own.getOrDefault(Key.IMMEDIATE_DATA, TextValue.YES).equals(TextValue.NO)
        && result(Key.IMMEDIATE_DATA).equals(TextValue.YES)) {
      return Optional.of(Key.IMMEDIATE_DATA.text() + " was not offered, required No");
    }
    return Optional.empty();
  }

  private static boolean dependsOnOthers(String key) {
    return key.equals(Key.FIRST_BURST_LENGTH.text()) || key.equals(Key.MAX_OUTSTANDING_R2T.text());
  }

  /** The answer to an offer; empty for declarations. */
  private String answer(Key key, String offer) {
    if (key.rule() instanceof Rule.Obsolete(String fixed)) {
      return fixed;
    }
    if ((discovery && key.irrelevantInDiscovery()) || (joining && key.leadingOnly())) {
      return TextValue.IRRELEVANT;
    }
    if (key == Key.FIRST_BURST_LENGTH
        && result(Key.INITIAL_R2T).equals(TextValue.YES)
        && result(Key.IMMEDIATE_DATA).equals(TextValue.NO)) {
      return TextValue.IRRELEVANT;
    }
    String mine = own.getOrDefault(key, key.defaultValue());
    return switch (key.rule()) {
      case Rule.Text() -> declare(key, offer);
      case Rule.DeclaredNumber(long min, long max) ->
          inRange(offer, min, max) ? declare(key, offer) : TextValue.REJECT;
      case Rule.Minimum(long min, long max) ->
          inRange(offer, min, max)
              ? agree(key, Math.min(bound(key, Long.parseLong(mine)), number(offer)))
              : TextValue.REJECT;
      case Rule.Maximum(long min, long max) ->
          inRange(offer, min, max)
              ? agree(key, Math.max(Long.parseLong(mine), number(offer)))
              : TextValue.REJECT;
      case Rule.And() -> isBoolean(offer) ? agree(key, both(mine, offer)) : TextValue.REJECT;
      case Rule.Or() -> isBoolean(offer) ? agree(key, either(mine, offer)) : TextValue.REJECT;
      case Rule.Choice() -> choose(key, offer, List.of(mine.split(",")));
      case Rule.Obsolete(String fixed) -> fixed;
    };
  }

  private String choose(Key key, String offer, List<String> accepted) {
    for (String value : offer.split(",", -1)) {
      if (accepted.contains(value)) {
        return agree(key, value);
      }
    }
    return TextValue.REJECT;
  }

  /**
   * FirstBurstLength must not exceed MaxBurstLength (RFC 7143 13.14); sequences that come in order
   * and can be recovered come one at a time (RFC 7143 13.19).
   */
  private long bound(Key key, long mine) {
    return switch (key) {
      case FIRST_BURST_LENGTH -> Math.min(mine, Long.parseLong(result(Key.MAX_BURST_LENGTH)));
      case MAX_OUTSTANDING_R2T ->
          !result(Key.ERROR_RECOVERY_LEVEL).equals("0")
                  && result(Key.DATA_SEQUENCE_IN_ORDER).equals(TextValue.YES)
              ? 1
              : mine;
      default -> mine;
    };
  }

  private String declare(Key key, String value) {
    OptionalLong number = TextValue.number(value);
    results.put(
        key,
        key.rule() instanceof Rule.DeclaredNumber && number.isPresent()
            ? Long.toString(number.getAsLong())
            : value);
    return "";
  }

  private String agree(Key key, long value) {
    return agree(key, Long.toString(value));
  }

  private String agree(Key key, String value) {
    results.put(key, value);
    return value;
  }

  private static String both(String a, String b) {
    return a.equals(TextValue.YES) && b.equals(TextValue.YES) ? TextValue.YES : TextValue.NO;
  }

  private static String either(String a, String b) {
    return a.equals(TextValue.YES) || b.equals(TextValue.YES) ? TextValue.YES : TextValue.NO;
  }

  private static boolean isBoolean(String value) {
    return value.equals(TextValue.YES) || value.equals(TextValue.NO);
  }

  private static long number(String value) {
    return TextValue.number(value).orElseThrow();
  }

  private static boolean inRange(String value, long min, long max) {
    OptionalLong number = TextValue.number(value);
    return number.isPresent() && number.getAsLong() >= min && number.getAsLong() <= max;
  }

  private String allowed(Key key) {
    return switch (key.rule()) {
      case Rule.DeclaredNumber(long min, long max) -> min + " to " + max;
      case Rule.Minimum(long min, long max) -> min + " to " + max;
      case Rule.Maximum(long min, long max) -> min + " to " + max;
      case Rule.And(), Rule.Or() -> "Yes or No";
      case Rule.Choice() -> own.getOrDefault(key, key.defaultValue());
      case Rule.Text(), Rule.Obsolete(String _) -> "any text";
    };
  }
}
