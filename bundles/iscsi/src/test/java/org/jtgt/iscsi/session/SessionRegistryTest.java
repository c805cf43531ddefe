// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.text.Negotiator;
import org.jtgt.iscsi.text.Parameters;
import org.junit.jupiter.api.Test;

class SessionRegistryTest {
  private static final Parameters DEFAULTS = Parameters.of(new Negotiator(Map.of()), 8192);
  private static final Session.Origin ORIGIN =
      new Session.Origin("", "peer", InetAddress.getLoopbackAddress(), "p0", Instant.EPOCH);

  private final SessionRegistry registry = new SessionRegistry();

  private static final SessionOwner NOBODY =
      new SessionOwner() {
        @Override
        public void closeSession(String reason) {
          throw new AssertionError(reason);
        }

        @Override
        public void requestLogout(int seconds, String reason) {
          throw new AssertionError(reason);
        }

        @Override
        public void settingsChanged() {
          throw new AssertionError("not asked for");
        }
      };

  private Optional<Session> open(long isid) {
    return registry.open(
        new SessionIdentity("iqn.i", isid, "iqn.t", 1), DEFAULTS, NOBODY, ORIGIN, () -> {});
  }

  @Test
  void twoHundredThousandSessionsUseEveryTsihButZeroAndNoneTwiceAtOnce_11_12_6() {
    Deque<Session> open = new ArrayDeque<>();
    BitSet inUse = new BitSet();
    BitSet everUsed = new BitSet();
    for (int i = 0; i < 200_000; i++) {
      Session session = open(i).orElseThrow();
      assertThat(session.tsih()).isBetween(1, 65_535);
      assertThat(inUse.get(session.tsih())).isFalse();
      inUse.set(session.tsih());
      everUsed.set(session.tsih());
      open.add(session);
      if (open.size() > 100) {
        Session oldest = open.remove();
        inUse.clear(oldest.tsih());
        registry.closed(oldest);
      }
    }
    assertThat(everUsed.cardinality()).isEqualTo(65_535);
    assertThat(registry.sessions()).hasSize(100);
  }

  @Test
  void whenAllTsihsAreInUseThereIsNoSessionAndOneThatEndsMakesRoom_11_13_5() {
    Session first = open(0).orElseThrow();
    for (int i = 1; i < 65_535; i++) {
      assertThat(open(i)).isPresent();
    }
    assertThat(open(65_535)).isEmpty();
    registry.closed(first);
    assertThat(open(65_535).orElseThrow().tsih()).isEqualTo(first.tsih());
  }
}
