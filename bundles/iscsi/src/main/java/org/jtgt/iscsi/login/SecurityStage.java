// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.iscsi.text.TextValue;

/**
 * The security negotiation of one login (RFC 7143 6.3.2, 12.1): which method, and whether it has
 * authenticated the initiator.
 *
 * <p>Not for several threads at once.
 */
final class SecurityStage {
  private final Admission.Admitted terms;
  private @Nullable AuthMethod method;
  private AuthMethod.@Nullable Exchange exchange;
  private boolean authenticated;

  SecurityStage(Admission.Admitted terms) {
    this.terms = terms;
  }

  /**
   * Negotiates; takes the keys out of the pairs that belong to it.
   *
   * @param offered the value of AuthMethod; empty when it did not come
   * @return the answers
   */
  List<TextPair> negotiate(String offered, List<TextPair> pairs) throws LoginFailure {
    for (TextPair pair : pairs) {
      Optional<Key> key = Key.of(pair.key());
      if (key.isPresent() && key.get().use() == Key.Use.OPERATIONAL) {
        throw new LoginFailure(
            LoginStatus.INITIATOR_ERROR, pair.key() + " came in the security stage");
      }
    }
    if (!offered.isEmpty()) {
      return List.of(new TextPair(Key.AUTH_METHOD.text(), choose(offered)));
    }
    AuthMethod chosen = method;
    AuthMethod.Exchange running = exchange;
    if (chosen == null || running == null) {
      return List.of();
    }
    List<TextPair> mine = new ArrayList<>();
    for (TextPair pair : List.copyOf(pairs)) {
      if (chosen.owns(pair.key())) {
        mine.add(pair);
        pairs.remove(pair);
      }
    }
    return switch (running.step(mine)) {
      case AuthMethod.Step.GoesOn(List<TextPair> answers) -> answers;
      case AuthMethod.Step.Authenticated(List<TextPair> answers) -> {
        authenticated = true;
        exchange = null;
        yield answers;
      }
      case AuthMethod.Step.Failed(LoginStatus status, String reason) ->
          throw new LoginFailure(status, reason);
    };
  }

  private String choose(String offered) throws LoginFailure {
    for (String name : offered.split(",", -1)) {
      if (terms.noneAllowed() && name.equals(TextValue.NONE)) {
        return name;
      }
      for (AuthMethod accepted : terms.methods()) {
        if (accepted.name().equals(name)) {
          method = accepted;
          exchange = accepted.begin(terms.context());
          return name;
        }
      }
    }
    throw new LoginFailure(
        LoginStatus.AUTHENTICATION_FAILURE,
        "AuthMethod=" + TextPair.shown(offered) + " offers nothing acceptable",
        List.of(new TextPair(Key.AUTH_METHOD.text(), TextValue.REJECT)));
  }

  /** True when the login may go on without this stage. */
  boolean mayBeLeftOut() {
    return terms.noneAllowed();
  }

  /**
   * Whether the stage may be left now; while an exchange runs, the target keeps T at 0.
   *
   * @throws LoginFailure when no exchange runs that could still authenticate the initiator
   */
  boolean mayLeave(int nextStage) throws LoginFailure {
    if (exchange != null) {
      return false;
    }
    if (authenticated || terms.noneAllowed()) {
      return true;
    }
    throw new LoginFailure(
        LoginStatus.AUTHENTICATION_FAILURE,
        "stage " + nextStage + " asked for without authentication");
  }
}
