// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.text.Parameters;

/**
 * All sessions, by identity and by TSIH (RFC 7143 4.4.3.1, 6.3.5). TSIHs are reused after a session
 * has ended, as late as possible.
 *
 * <p>Thread rules: any thread.
 */
public final class SessionRegistry {
  private static final int MAX_TSIH = 0xffff;

  private final Map<SessionIdentity, Session> byIdentity = new HashMap<>();
  private final Map<Integer, Session> byTsih = new HashMap<>();
  private final BitSet used = new BitSet();
  private int lastTsih;

  /**
   * Opens a session. One with the same identity is reinstated: it is closed first.
   *
   * @param ready runs when the session may go on, perhaps before this returns, on any thread
   * @return empty when all TSIHs are in use
   */
  public Optional<Session> open(
      SessionIdentity identity,
      Parameters parameters,
      SessionOwner owner,
      Session.Origin origin,
      Runnable ready) {
    Session session;
    Session old;
    synchronized (this) {
      int tsih = freeTsih();
      if (tsih == 0) {
        return Optional.empty();
      }
      session = new Session(identity, tsih, parameters, owner, origin);
      used.set(tsih);
      byTsih.put(tsih, session);
      old = identity.discovery() ? null : byIdentity.put(identity, session);
    }
    if (old == null) {
      ready.run();
    } else {
      old.whenClosed(ready);
      old.owner().closeSession("the initiator logged in again with the same ISID");
    }
    return Optional.of(session);
  }

  private int freeTsih() {
    int tsih = used.nextClearBit(lastTsih + 1);
    if (tsih > MAX_TSIH) {
      tsih = used.nextClearBit(1);
      if (tsih > MAX_TSIH) {
        return 0;
      }
    }
    lastTsih = tsih;
    return tsih;
  }

  /** Forgets a session that has ended and lets those go on that wait for it. */
  public void closed(Session session) {
    synchronized (this) {
      if (byTsih.remove(session.tsih(), session)) {
        used.clear(session.tsih());
      }
      byIdentity.remove(session.identity(), session);
    }
    session.closed();
  }

  /** The session of a TSIH. */
  public synchronized Optional<Session> find(int tsih) {
    return Optional.ofNullable(byTsih.get(tsih));
  }

  /** All sessions that have not ended. */
  public synchronized List<Session> sessions() {
    return List.copyOf(byTsih.values());
  }

  /** The sessions of a target that have not ended. */
  public List<Session> ofTarget(String targetName) {
    return sessions().stream()
        .filter(session -> session.identity().targetName().equals(targetName))
        .toList();
  }

  /** Closes every session of a target. */
  public void closeAll(String targetName, String reason) {
    ofTarget(targetName).forEach(session -> session.owner().closeSession(reason));
  }
}
