// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Capability: the store keeps read-only images of itself. The caller drains and flushes first. */
@ConsumerType
public interface Snapshots {
  /**
   * Keeps the present content under a name.
   *
   * @throws IOException when the name exists or the store cannot keep it; nothing has changed then
   */
  void create(String name) throws IOException;

  /** The snapshots kept, oldest first. */
  List<Snapshot> list() throws IOException;

  /**
   * Gives a snapshot up.
   *
   * @throws IOException when it does not exist or is in use
   */
  void delete(String name) throws IOException;

  /**
   * Makes the store's content that of a snapshot.
   *
   * @throws IOException when it does not exist; the content has not changed then
   */
  void rollBack(String name) throws IOException;

  /**
   * One kept image.
   *
   * @param name its name, unique in the store
   * @param created when it was taken
   */
  record Snapshot(String name, Instant created) {}
}
