// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jtgt.scsi.ScsiTarget.NexusListener;

/**
 * Hands on to a session what the engine says about its nexus.
 *
 * <p>Thread rules: any thread.
 */
final class NexusEvents implements NexusListener {
  private final OpenSession session;
  private final ConnectionEnvironment environment;

  NexusEvents(OpenSession session, ConnectionEnvironment environment) {
    this.session = session;
    this.environment = environment;
  }

  @Override
  public void targetRemoved() {
    session.requestLogout(environment.settings().logoutSeconds(), "the target is removed");
  }

  @Override
  public void commandsStuck(String reason) {
    session.closeSession(reason);
  }

  @Override
  public void asynchronousEvent(long lun, byte[] sense) {
    session.scsiEvent(lun, sense);
  }
}
