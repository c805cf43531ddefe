// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.ChapSecret;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.LargeBinary;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.iscsi.text.TextValue;

/**
 * One run of CHAP (RFC 7143 12.1.3): CHAP_A is answered with CHAP_A, CHAP_I and CHAP_C; CHAP_N and
 * CHAP_R, perhaps with the initiator's own CHAP_I and CHAP_C, end it.
 *
 * <p>Not for several threads at once.
 */
final class ChapExchange implements AuthMethod.Exchange {
  private static final String A = "CHAP_A";
  private static final String I = "CHAP_I";
  private static final String C = "CHAP_C";
  private static final String N = "CHAP_N";
  private static final String R = "CHAP_R";

  /** Binary length of C and R (RFC 7143 12.1.3). */
  private static final int MOST_BINARY_BYTES = 1024;

  /** Takes the place of an unknown user's secret, so that both take the same time. */
  private static final ChapSecret NOBODY =
      new ChapSecret("nobody has this secret".getBytes(StandardCharsets.US_ASCII));

  private final Chap.Options options;
  private final Chap.Users users;
  private final LoginContext login;
  private final int identifier;
  private final byte[] challenge;
  private @Nullable ChapAlgorithm algorithm;
  private boolean over;

  ChapExchange(
      Chap.Options options,
      Chap.Users users,
      LoginContext login,
      int identifier,
      byte[] challenge) {
    this.options = options;
    this.users = users;
    this.login = login;
    this.identifier = identifier;
    this.challenge = challenge;
  }

  /** What an initiator's message lacks or has too much; ends the login. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    final String reason;

    Wrong(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }
  }

  @Override
  public AuthMethod.Step step(List<TextPair> pairs) {
    try {
      if (over) {
        throw new Wrong("CHAP goes on after its end");
      }
      Map<String, String> keys = new HashMap<>();
      for (TextPair pair : pairs) {
        if (keys.put(pair.key(), pair.value()) != null) {
          throw new Wrong(pair.key() + " was sent twice");
        }
      }
      ChapAlgorithm agreed = algorithm;
      return agreed == null ? challenge(keys) : check(agreed, keys);
    } catch (Wrong e) {
      over = true;
      return failed(e.reason);
    }
  }

  private static AuthMethod.Step failed(String reason) {
    return new AuthMethod.Step.Failed(LoginStatus.AUTHENTICATION_FAILURE, "CHAP: " + reason);
  }

  private AuthMethod.Step challenge(Map<String, String> keys) throws Wrong {
    if (keys.isEmpty()) {
      // The initiator may take a round to say nothing; CHAP_A is still to come.
      return new AuthMethod.Step.GoesOn(List.of());
    }
    only(keys, Set.of(A));
    String list = need(keys, A);
    List<String> offered = Arrays.asList(list.split(",", -1));
    ChapAlgorithm chosen =
        options.algorithms().stream()
            .filter(mine -> offered.stream().anyMatch(theirs -> isNumber(theirs, mine.number())))
            .findFirst()
            .orElseThrow(() ->
                new Wrong(
                    "CHAP_A="
                        + TextPair.shown(list)
                        + ", accepted "
                        + options.algorithms().stream().map(ChapAlgorithm::number).toList()));
    algorithm = chosen;
    return new AuthMethod.Step.GoesOn(
        List.of(
            new TextPair(A, Integer.toString(chosen.number())),
            new TextPair(I, Integer.toString(identifier)),
            new TextPair(C, LargeBinary.hex(challenge))));
  }

  private static boolean isNumber(String text, int number) {
    return TextValue.number(text).orElse(-1) == number;
  }

  private AuthMethod.Step check(ChapAlgorithm agreed, Map<String, String> keys) throws Wrong {
    only(keys, Set.of(N, R, I, C));
    String user = need(keys, N);
    byte[] response = binary(keys, R);
    boolean mutual = keys.containsKey(I) || keys.containsKey(C);
    byte[] theirs = mutual ? binary(keys, C) : new byte[0];
    int theirIdentifier = mutual ? theirIdentifier(keys) : 0;
    over = true;
    if (mutual && MessageDigest.isEqual(theirs, challenge)) {
      // The same challenge for both directions (RFC 7143 9.2.1): a reflection.
      return failed("the initiator sent the target's challenge back");
    }
    if (!users.failures().take(login.peer())) {
      return new AuthMethod.Step.Failed(
          LoginStatus.SERVICE_UNAVAILABLE, "CHAP: too many wrong answers from this address");
    }
    Optional<ChapCredential> found = users.find(login, user);
    ChapSecret secret = found.map(ChapCredential::secret).orElse(NOBODY);
    byte[] expected = agreed.response(identifier, secret, challenge);
    if (!MessageDigest.isEqual(expected, response) || found.isEmpty()) {
      return failed("wrong name or secret");
    }
    Optional<ChapCredential.Own> own = found.get().own();
    if (own.isPresent()
        && MessageDigest.isEqual(
            agreed.response(identifier, own.get().secret(), challenge), response)) {
      // What the target itself would have answered (RFC 7143 9.2.1).
      return failed("the response is the target's own");
    }
    users.failures().giveBack(login.peer());
    if (!mutual) {
      return new AuthMethod.Step.Authenticated(List.of());
    }
    if (own.isEmpty()) {
      return failed("the initiator asks for mutual authentication, which is not configured");
    }
    List<TextPair> answers = new ArrayList<>();
    answers.add(new TextPair(N, own.get().user()));
    answers.add(
        new TextPair(
            R, LargeBinary.hex(agreed.response(theirIdentifier, own.get().secret(), theirs))));
    return new AuthMethod.Step.Authenticated(answers);
  }

  private static void only(Map<String, String> keys, Set<String> allowed) throws Wrong {
    for (String key : keys.keySet()) {
      if (!allowed.contains(key)) {
        throw new Wrong(TextPair.shown(key) + " came at the wrong time");
      }
    }
  }

  private static String need(Map<String, String> keys, String key) throws Wrong {
    String value = keys.get(key);
    if (value == null || value.isEmpty()) {
      throw new Wrong("no " + key);
    }
    return value;
  }

  private static byte[] binary(Map<String, String> keys, String key) throws Wrong {
    byte[] value =
        LargeBinary.parse(need(keys, key))
            .orElseThrow(() -> new Wrong(key + " is no binary value (RFC 7143 6.1)"));
    if (value.length < 1 || value.length > MOST_BINARY_BYTES) {
      throw new Wrong(key + " of " + value.length + " bytes, allowed 1 to " + MOST_BINARY_BYTES);
    }
    return value;
  }

  private static int theirIdentifier(Map<String, String> keys) throws Wrong {
    long number = TextValue.number(need(keys, I)).orElse(-1);
    if (number < 0 || number > 255) {
      throw new Wrong("CHAP_I is not 0 to 255");
    }
    return (int) number;
  }
}
