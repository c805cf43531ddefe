// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.util.Optional;
import org.jtgt.admin.Admin;
import org.jtgt.admin.ManagedObject;

/** Waits a little for a changed object to run or fail, so that a command can tell which. */
final class Settling {
  private static final int LOOKS = 30;

  /** A failed object that was changed is tried again, and what is there found, within so many. */
  private static final int LOOKS_AT_FAILED = 14;

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
    for (int look = 0; look < LOOKS && object.isPresent(); look++) {
      if (settled(object.get().state(), look)) {
        return object;
      }
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

  private static boolean settled(String state, int look) {
    return switch (state) {
      case "waiting", "idle" -> false;
      case "failed", "absent", "incomplete" -> look >= LOOKS_AT_FAILED;
      // Its component is told of a change a moment after it is stored.
      default -> look > 0;
    };
  }

  private Optional<ManagedObject> find(String pid) {
    return admin.objects().stream().filter(o -> o.pid().equals(pid)).findFirst();
  }
}
