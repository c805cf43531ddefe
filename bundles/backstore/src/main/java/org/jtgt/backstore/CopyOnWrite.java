// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Capability: the store keeps what is written over a base, which it never changes by itself. Called
 * on threads that may wait.
 *
 * @since 1.3
 */
@ConsumerType
public interface CopyOnWrite {
  /**
   * Moves what was written into the base; the store reads as before, during it too, and holds
   * nothing of its own afterwards. I/O may go on; a crash at any point loses nothing.
   *
   * @param writeThrough whether from the end on writes go to the base at once, so that the base can
   *     take this store's place without a loss; it lasts for the life of the service
   * @throws IOException when the base cannot take it, or somebody else needs the base as it is;
   *     what was not moved is where it was
   */
  void commit(boolean writeThrough) throws IOException;

  /**
   * Throws away what was written: the store's content is that of the base. The caller drains first.
   *
   * @throws IOException when it cannot be kept; the content has not changed then
   */
  void discard() throws IOException;
}
