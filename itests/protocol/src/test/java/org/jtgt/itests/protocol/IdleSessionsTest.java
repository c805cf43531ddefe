// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.ClassHistogram;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Sessions that do nothing cost little: how much live heap of the daemon each one holds. {@code
 * JTGT_IDLE_SESSIONS=1000} is the long form.
 */
@ExtendWith(SecuredTarget.Resolver.class)
class IdleSessionsTest {
  private static final int SESSIONS =
      Integer.parseInt(System.getenv().getOrDefault("JTGT_IDLE_SESSIONS", "100"));

  /** Far over what a session needs, far below a buffer held for each. */
  private static final long MOST_BYTES = 48 * 1024;

  @Test
  void an_idle_session_holds_less_than_a_buffer(SecuredTarget target) throws Exception {
    try (Session busy = target.login(target.options("acl"))) {
      LogicalUnit disk = busy.logicalUnit(0);
      disk.clearUnitAttentions();
      disk.read(0, 16, 512);
      long pid = target.daemon().pid();
      long before = ClassHistogram.of(pid).bytes();
      List<Session> idle = new ArrayList<>();
      try {
        for (int i = 0; i < SESSIONS; i++) {
          Session session = target.login(target.options("acl"));
          idle.add(session);
          session.logicalUnit(0).clearUnitAttentions();
        }
        long each = (ClassHistogram.of(pid).bytes() - before) / SESSIONS;
        System.out.println("live heap of an idle session: " + each + " bytes, of " + SESSIONS);
        assertThat(each).isLessThan(MOST_BYTES);
        disk.read(0, 16, 512);
      } finally {
        for (Session session : idle) {
          session.drop();
        }
      }
      busy.logout();
    }
  }
}
