// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.util.Optional;

/**
 * The initiator's side of the login phase (RFC 7143 6.3) as a state machine over whole texts; it
 * knows no sockets and no PDUs. Checks that the target's answers are answers that it may give.
 */
public final class LoginNegotiator {
  public static final int SECURITY = 0;
  public static final int OPERATIONAL = 1;
  public static final int FULL_FEATURE = 3;

  /** What to send next: a text in stage {@code csg}, asking for {@code nsg} if {@code transit}. */
  public record Step(TextKeys keys, boolean transit, int csg, int nsg) {}

  private final LoginOptions options;
  private final Optional<Chap> chap;
  private int stage;
  private boolean chapAnswered;
  private boolean operationalOffered;
  private TextKeys offered = TextKeys.EMPTY;
  private TextKeys agreed = TextKeys.EMPTY;
  private TextKeys fromTarget = TextKeys.EMPTY;

  public LoginNegotiator(LoginOptions options) {
    this.options = options;
    this.chap = options.chap().map(Chap::new);
    this.stage = options.authMethod().isEmpty() ? OPERATIONAL : SECURITY;
  }

  /** The first request's text. */
  public Step first() {
    if (stage == OPERATIONAL) {
      operationalOffered = true;
      return step(options.identity().plus(offer(options.operational())), true);
    }
    // With None alone on offer there is nothing left to say in this stage (RFC 7143 6.3.2).
    boolean onlyNone = options.authMethod().stream().allMatch("None"::equals);
    String methods = String.join(",", options.authMethod());
    return step(options.identity().plus("AuthMethod", methods), onlyNone);
  }

  /**
   * Takes a whole answer and says what to send next; empty once the full feature phase is reached.
   *
   * @throws ProtocolViolation if the target may not answer so
   */
  public Optional<Step> next(TextKeys keys, boolean transit, int csg, int nsg) {
    if (csg != stage) {
      throw new ProtocolViolation("11.13.3", "CSG " + csg + " answers stage " + stage);
    }
    fromTarget = fromTarget.plus(keys);
    TextKeys replies = stage == SECURITY ? security(keys) : operational(keys);
    if (transit) {
      if (nsg != OPERATIONAL && nsg != FULL_FEATURE || nsg <= stage) {
        throw new ProtocolViolation("11.13.3", "T with NSG " + nsg + " from stage " + stage);
      }
      if (!replies.isEmpty()) {
        throw new ProtocolViolation("6.3", "T although " + replies + " are still to be answered");
      }
      stage = nsg;
      if (stage == FULL_FEATURE) {
        return Optional.empty();
      }
      operationalOffered = true;
      return Optional.of(step(offer(options.operational()), true));
    }
    boolean waitingForChap =
        stage == SECURITY
            && chap.isPresent()
            && keys.first("AuthMethod").isPresent()
            && !chapAnswered
            && keys.first("AuthMethod").get().equals("CHAP");
    return Optional.of(step(replies, !waitingForChap));
  }

  /** Every key that the target sent. */
  public TextKeys fromTarget() {
    return fromTarget;
  }

  /** What was agreed; meaningful once the full feature phase is reached. */
  public OperationalParameters parameters() {
    TextKeys declared = operationalOffered ? options.operational() : TextKeys.EMPTY;
    TextKeys results = agreed;
    for (TextKeys.Pair pair : offered.pairs()) {
      if (agreed.first(pair.key()).isEmpty() && KeyRules.isCertain(pair.key(), pair.value())) {
        results = results.plus(pair.key(), pair.value());
      }
    }
    return OperationalParameters.of(results, declared, fromTarget);
  }

  private TextKeys security(TextKeys keys) {
    Optional<String> method = keys.first("AuthMethod");
    if (method.isPresent()) {
      if (!options.authMethod().contains(method.get())) {
        throw new ProtocolViolation("12.1", "AuthMethod=" + method.get() + " was not offered");
      }
      if (method.get().equals("CHAP")) {
        return TextKeys.of("CHAP_A", chap.orElseThrow().offer());
      }
    }
    if (keys.first("CHAP_C").isPresent() && !chapAnswered) {
      chapAnswered = true;
      return chap.orElseThrow().respond(keys);
    }
    if (chapAnswered) {
      chap.orElseThrow().verifyTarget(keys);
    }
    return TextKeys.EMPTY;
  }

  private TextKeys operational(TextKeys keys) {
    TextKeys replies = TextKeys.EMPTY;
    for (TextKeys.Pair pair : keys.pairs()) {
      Optional<String> offer = offered.first(pair.key());
      if (KeyRules.isDeclared(pair.key())) {
        continue;
      }
      if (offer.isPresent()) {
        if (!KeyRules.mayAnswer(pair.key(), offer.get(), pair.value())) {
          throw new ProtocolViolation(
              "6.2", pair.key() + "=" + offer.get() + " answered with " + pair.value());
        }
        agreed = agreed.set(pair.key(), pair.value());
      } else {
        replies = replies.plus(pair.key(), reply(pair));
      }
    }
    return replies;
  }

  private String reply(TextKeys.Pair pair) {
    if (!KeyRules.isNegotiated(pair.key())) {
      return "NotUnderstood";
    }
    String own = LoginOptions.normal("", "").operational().first(pair.key()).orElse(pair.value());
    String answer = KeyRules.answer(pair.key(), pair.value(), own);
    agreed = agreed.set(pair.key(), answer);
    return answer;
  }

  private TextKeys offer(TextKeys keys) {
    offered = keys;
    return keys;
  }

  private Step step(TextKeys keys, boolean transit) {
    return new Step(
        keys, transit, stage, transit ? (stage == SECURITY ? OPERATIONAL : FULL_FEATURE) : 0);
  }
}
