// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.TargetPdu.LogoutResponse;
import org.jtgt.iscsi.pdu.TargetPdu.LogoutResult;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;
import org.jtgt.iscsi.text.Parameters;

/**
 * Logout Requests that come on one connection (RFC 7143 11.14, 11.15): for the session, for this or
 * another connection, for the recovery of one.
 *
 * <p>Thread rules: the loop.
 */
final class LogoutService {
  private static final int CLOSE_SESSION = 0;
  private static final int CLOSE_CONNECTION = 1;
  private static final int REMOVE_FOR_RECOVERY = 2;

  private final OpenSession open;
  private final FullFeature connection;

  LogoutService(OpenSession open, FullFeature connection) {
    this.open = open;
    this.connection = connection;
  }

  void request(Bhs header) {
    int reason = header.flags() & 0x7f;
    int itt = header.initiatorTaskTag();
    int cid = header.shortAt(20);
    switch (reason) {
      case CLOSE_SESSION -> closeSession(itt);
      case CLOSE_CONNECTION -> closeConnection(cid, itt);
      case REMOVE_FOR_RECOVERY -> removeForRecovery(cid, itt);
      default ->
          connection.reject(RejectReason.INVALID_PDU_FIELD, header, "logout reason " + reason);
    }
  }

  private void closeSession(int itt) {
    connection.logsOut();
    connection
        .connection()
        .endByLogout(
            then -> open.endByLogout(connection, then),
            () -> {
              connection.drain();
              respond(LogoutResult.CLOSED, itt);
            });
  }

  private void closeConnection(int cid, int itt) {
    FullFeature named = open.connection(cid);
    if (named == null) {
      if (!open.failed().abandon(cid, () -> later(LogoutResult.CLOSED, itt))) {
        respond(LogoutResult.CID_NOT_FOUND, itt);
      }
    } else if (open.connections().size() == 1) {
      // The last one takes the session with it (RFC 7143 11.14).
      closeSession(itt);
    } else if (named == connection) {
      connection.logsOut();
      open.remove(connection);
      connection
          .connection()
          .endByLogout(connection::abandon, () -> respond(LogoutResult.CLOSED, itt));
    } else {
      open.remove(named);
      named.connection().endTransport();
      named.abandon(() -> later(LogoutResult.CLOSED, itt));
    }
  }

  private void removeForRecovery(int cid, int itt) {
    Parameters parameters = open.parameters();
    if (parameters.errorRecoveryLevel() < 2) {
      respond(LogoutResult.RECOVERY_NOT_SUPPORTED, itt);
      return;
    }
    FullFeature named = open.connection(cid);
    if (named == null) {
      respond(open.failed().loggedOut(cid) ? LogoutResult.CLOSED : LogoutResult.CID_NOT_FOUND, itt);
    } else if (named == connection) {
      connection.logsOut();
      open.remove(connection);
      connection
          .connection()
          .endByLogout(
              then -> {
                open.failed().add(connection, true);
                then.run();
              },
              () -> respond(LogoutResult.CLOSED, itt));
      open.connectionGone(connection);
    } else {
      open.remove(named);
      named.connection().endTransport();
      open.failed().add(named, true);
      respond(LogoutResult.CLOSED, itt);
    }
  }

  private void later(LogoutResult result, int itt) {
    connection.inLoop(() -> respond(result, itt));
  }

  private void respond(LogoutResult result, int itt) {
    Parameters parameters = open.parameters();
    boolean recovers = parameters.errorRecoveryLevel() == 2 && result == LogoutResult.CLOSED;
    connection.send(
        new LogoutResponse(
            result,
            itt,
            recovers || result == LogoutResult.RECOVERY_NOT_SUPPORTED
                ? parameters.defaultTime2Wait()
                : 0,
            recovers ? parameters.defaultTime2Retain() : 0));
  }
}
