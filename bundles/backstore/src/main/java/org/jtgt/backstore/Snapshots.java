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
   * The content of a snapshot, to be read: a store that refuses writes. Its identity is the same
   * for as long as it is the same snapshot. It is valid until it is closed, where it is {@link
   * AutoCloseable}, or the store that keeps it goes; a snapshot that is open is in use.
   *
   * @throws IOException when it does not exist, or the store cannot show it
   * @since 1.3
   */
  default Backstore open(String name) throws IOException {
    throw new IOException("snapshot " + name + ": this store cannot show its snapshots");
  }

  /**
   * One kept image.
   *
   * @param name its name, unique in the store
   * @param created when it was taken
   */
  record Snapshot(String name, Instant created) {}
}
