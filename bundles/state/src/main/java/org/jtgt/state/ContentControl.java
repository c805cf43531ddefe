// SPDX-License-Identifier: Apache-2.0
package org.jtgt.state;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A whiteboard service: what can be done to the content of stores while logical units use them. A
 * name is that of a logical unit, which stands for the store that it uses now, or else of a store.
 * Where I/O has to wait, it waits between commands.
 *
 * <p>Thread rules: any thread that may wait; one thing is done at a time.
 *
 * @since 1.1
 */
@ConsumerType
public interface ContentControl {
  /** Whether the store keeps snapshots; false also when it is not there. */
  boolean keepsSnapshots(String name);

  /**
   * Keeps the present content of stores as snapshots, all at one moment: each holds every write
   * that was acknowledged before, and each write whole or not at all.
   *
   * @return how long I/O waited
   * @throws IOException in one line, when it cannot be kept; there is none of them then
   */
  Duration takeSnapshot(List<String> names, String snapshot) throws IOException;

  /**
   * Gives a snapshot up.
   *
   * @throws IOException in one line, when it is not there or in use
   */
  void deleteSnapshot(String name, String snapshot) throws IOException;

  /**
   * Makes a store's content that of a snapshot. Commands that wait meanwhile are not carried out;
   * initiators are told by a unit attention that the medium may have changed.
   *
   * @return how long I/O waited
   * @throws IOException in one line, when it is not there; the content has not changed then
   */
  Duration rollBack(String name, String snapshot) throws IOException;

  /**
   * Moves what a store keeps over its base into the base.
   *
   * @param writeThrough whether the store writes to the base from then on, so that the base can
   *     take its place
   * @throws IOException in one line; nothing is lost then
   */
  void commit(String name, boolean writeThrough) throws IOException;

  /**
   * Throws away what a store keeps over its base; for the rest as {@link #rollBack}.
   *
   * @return how long I/O waited
   */
  Duration discard(String name) throws IOException;
}
