// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.nio.file.Path;

/**
 * The folders of one daemon.
 *
 * @param home the unpacked distribution: {@code bundles/}, {@code lib/}
 * @param etc configurations, one file an object
 * @param deploy bundles and configurations dropped in at runtime
 * @param state everything that must survive a restart; its {@code cache/} may be deleted at any
 *     time
 */
record Folders(Path home, Path etc, Path deploy, Path state) {
  /** Where the daemon listens for its command-line client. */
  Path socket() {
    return state.resolve("jtgt.sock");
  }

  /** Held locked by the daemon that owns the state folder. */
  Path lock() {
    return state.resolve("lock");
  }
}
