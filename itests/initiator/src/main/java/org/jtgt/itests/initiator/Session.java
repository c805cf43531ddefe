// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A session (RFC 7143 4.2): the command numbering, the task tags and one or more connections. Used
 * by one thread at a time.
 *
 * <pre>{@code
 * try (Session session = Session.login(portal, LoginOptions.normal(initiator, target))) {
 *   LogicalUnit disk = session.logicalUnit(0);
 *   disk.write(0, new byte[4096], 512);
 * }
 * }</pre>
 */
public final class Session implements AutoCloseable {
  private final LoginOptions options;
  private final List<Connection> connections = new ArrayList<>();
  private final CommandWindow window;
  private final LoginDriver.Outcome login;
  private int nextItt = 0x1000;
  private boolean loggedOut;
  private boolean abrupt;

  private Session(LoginOptions options, PduChannel channel, LoginDriver.Outcome login) {
    this.options = options;
    this.login = login;
    this.window =
        new CommandWindow(options.cmdSn(), login.last().expCmdSn(), login.last().maxCmdSn());
    connections.add(new Connection(this, channel, options.cid(), login));
  }

  /**
   * Connects and logs in.
   *
   * @throws LoginException if the target refuses or redirects
   * @throws ProtocolViolation if the target breaks the login's rules
   */
  public static Session login(InetSocketAddress portal, LoginOptions options) throws IOException {
    PduChannel channel = PduChannel.connect(portal);
    try {
      return login(channel, options);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** Logs in over a channel that the caller opened; it belongs to the session if this succeeds. */
  public static Session login(PduChannel channel, LoginOptions options) throws IOException {
    return new Session(options, channel, LoginDriver.login(channel, options));
  }

  /** Logs a further connection in (RFC 7143 6.3.4: the TSIH of this session, another CID). */
  public Connection addConnection(InetSocketAddress portal, int cid) throws IOException {
    LoginOptions again = options.joining(tsih(), cid, window.cmdSn());
    PduChannel channel = PduChannel.connect(portal);
    try {
      LoginDriver.Outcome outcome = LoginDriver.login(channel, again);
      if (outcome.last().tsih() != tsih()) {
        throw new ProtocolViolation("11.13.4", "another TSIH on a connection of the same session");
      }
      LoginDriver.Outcome joined =
          new LoginDriver.Outcome(
              outcome.last(), parameters().withConnectionOf(outcome.parameters()), outcome.keys());
      Connection connection = new Connection(this, channel, cid, joined);
      connections.add(connection);
      return connection;
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** The first connection. */
  public Connection connection() {
    return connections.getFirst();
  }

  public List<Connection> connections() {
    return List.copyOf(connections);
  }

  public CommandWindow window() {
    return window;
  }

  public int tsih() {
    return login.last().tsih();
  }

  public long isid() {
    return options.isid();
  }

  public LoginOptions options() {
    return options;
  }

  /** Every key that the target sent during the leading login. */
  public TextKeys loginKeys() {
    return login.keys();
  }

  public OperationalParameters parameters() {
    return login.parameters();
  }

  /** A logical unit reached over the first connection; {@code number} 0..16383. */
  public LogicalUnit logicalUnit(int number) {
    return new LogicalUnit(connection(), Lun.of(number));
  }

  /** Forgets a connection that has ended. */
  public void remove(Connection connection) {
    connections.remove(connection);
  }

  /** Executes over the first connection. */
  public ScsiResult execute(ScsiCommand command) throws IOException {
    return connection().execute(command);
  }

  /** Submits over the first connection. */
  public ScsiTask submit(ScsiCommand command) throws IOException {
    return connection().submit(command);
  }

  /** Closes the session with a Logout Request and the TCP connections after its response. */
  public void logout() throws IOException {
    loggedOut = true;
    int response = connection().logout(Request.Logout.CLOSE_SESSION, connection().cid());
    closeConnections();
    if (response != 0) {
      throw new IOException("Logout Response " + response);
    }
  }

  /** Closes the TCP connections without a logout, as a crashed initiator does. */
  public void drop() throws IOException {
    loggedOut = true;
    closeConnections();
  }

  /** For tests that send and receive PDUs of their own: the session ends without a logout. */
  public Session endingAbruptly() {
    abrupt = true;
    return this;
  }

  /** Logs out unless that was done; a connection that is already gone is no error here. */
  @Override
  public void close() throws IOException {
    if (loggedOut) {
      return;
    }
    if (abrupt) {
      drop();
      return;
    }
    try {
      logout();
    } catch (IOException e) {
      closeConnections();
    }
  }

  private void closeConnections() throws IOException {
    for (Connection connection : connections) {
      connection.close();
    }
  }

  int nextItt() {
    int itt = nextItt++;
    return itt == Request.ITT_NONE ? nextItt++ : itt;
  }
}
