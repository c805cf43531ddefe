// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.util.Optional;
import org.jtgt.admin.Admin;
import org.jtgt.admin.ManagedObject;

/** Waits a little for a changed object to run or fail, so that a command can tell which. */
final class Settling {
  private static final int LOOKS = 30;

  private final Admin admin;
  private final long pauseMilliseconds;

  /**
   * @param pauseMilliseconds between two looks
   */
  Settling(Admin admin, long pauseMilliseconds) {
    this.admin = admin;
    this.pauseMilliseconds = pauseMilliseconds;
  }

  /**
   * The object as it is when its component was found, or after a second or two; empty when gone.
   */
  Optional<ManagedObject> settled(String pid) {
    Optional<ManagedObject> object = find(pid);
    for (int i = 0; i < LOOKS && object.filter(o -> o.state().equals("waiting")).isPresent(); i++) {
      try {
        Thread.sleep(pauseMilliseconds);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return object;
      }
      object = find(pid);
    }
    return object;
  }

  private Optional<ManagedObject> find(String pid) {
    return admin.objects().stream().filter(o -> o.pid().equals(pid)).findFirst();
  }
}
