// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.Nexus;

/**
 * A session as all of the target sees it: who it is, what it has done, when it has ended. Its
 * protocol state belongs to the loop of its connections.
 *
 * <p>Thread rules: the counters are written by one loop and read by any thread; the rest by any
 * thread.
 */
public final class Session {
  /** How a session stands. */
  public enum State {
    OPENING,
    ACTIVE,
    CLOSING,
    CLOSED
  }

  private final SessionIdentity identity;
  private final int tsih;
  private final Set<Integer> cids = ConcurrentHashMap.newKeySet();
  private final Parameters parameters;
  private volatile SessionOwner owner;
  private volatile Origin origin;
  private final List<Runnable> onClosed = new ArrayList<>();
  private volatile @Nullable Nexus nexus;
  private State state = State.OPENING;

  private long commands;
  private long readBytes;
  private long writeBytes;

  Session(
      SessionIdentity identity,
      int tsih,
      Parameters parameters,
      SessionOwner owner,
      Origin origin) {
    this.identity = identity;
    this.tsih = tsih;
    this.parameters = parameters;
    this.owner = owner;
    this.origin = origin;
  }

  /**
   * Where a session comes from.
   *
   * @param initiatorAlias InitiatorAlias, perhaps empty
   * @param peer the initiator's address and port
   * @param address the initiator's address
   * @param portal name of the portal
   * @param since when it logged in
   */
  public record Origin(
      String initiatorAlias, String peer, InetAddress address, String portal, Instant since) {}

  public SessionIdentity identity() {
    return identity;
  }

  public int tsih() {
    return tsih;
  }

  /** The CIDs of the connections in full feature phase. */
  public Set<Integer> cids() {
    return Set.copyOf(cids);
  }

  /** A connection has reached full feature phase. */
  public void connected(int cid) {
    cids.add(cid);
  }

  /** A connection has ended. */
  public void disconnected(int cid) {
    cids.remove(cid);
  }

  /** What the leading connection negotiated. */
  public Parameters parameters() {
    return parameters;
  }

  public SessionOwner owner() {
    return owner;
  }

  public String initiatorAlias() {
    return origin.initiatorAlias();
  }

  public String peer() {
    return origin.peer();
  }

  public InetAddress address() {
    return origin.address();
  }

  public String portal() {
    return origin.portal();
  }

  public Instant since() {
    return origin.since();
  }

  public synchronized State state() {
    return state;
  }

  /** Moves from OPENING to ACTIVE; false when it was closed meanwhile. */
  public synchronized boolean activate() {
    if (state != State.OPENING) {
      return false;
    }
    state = State.ACTIVE;
    return true;
  }

  /** Gives the session what outlives its connections. */
  public void attach(SessionOwner open, @Nullable Nexus formed) {
    owner = open;
    nexus = formed;
  }

  /** The I_T nexus; empty for a discovery session. */
  public Optional<Nexus> nexus() {
    return Optional.ofNullable(nexus);
  }

  /** The session has a new first connection. */
  public void cameFrom(Origin newOrigin) {
    origin = newOrigin;
  }

  /** Marks that the session is ending; false when it is already. */
  public synchronized boolean closing() {
    if (state == State.CLOSING || state == State.CLOSED) {
      return false;
    }
    state = State.CLOSING;
    return true;
  }

  /** Runs when the session has ended, perhaps now. */
  void whenClosed(Runnable action) {
    synchronized (this) {
      if (state != State.CLOSED) {
        onClosed.add(action);
        return;
      }
    }
    action.run();
  }

  /** Marks the end; {@link SessionRegistry#closed} calls it. */
  void closed() {
    List<Runnable> actions;
    synchronized (this) {
      state = State.CLOSED;
      actions = List.copyOf(onClosed);
      onClosed.clear();
    }
    actions.forEach(Runnable::run);
  }

  /** Counts a command; by the owning loop. */
  public void countCommand() {
    commands++;
  }

  /** Counts the bytes of a command; by the owning loop. */
  public void countBytes(int read, int written) {
    readBytes += read;
    writeBytes += written;
  }

  public long commands() {
    return commands;
  }

  public long readBytes() {
    return readBytes;
  }

  public long writeBytes() {
    return writeBytes;
  }
}
