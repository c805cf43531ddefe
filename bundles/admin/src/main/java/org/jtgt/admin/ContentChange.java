// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Something that is done to the content of logical units, in use or not. A name is that of a
 * logical unit, or else of a store.
 */
public sealed interface ContentChange {
  /**
   * Keeps the present content as snapshots, all at one moment.
   *
   * @param names what to take them of
   * @param snapshot the name of each
   */
  record TakeSnapshot(List<String> names, String snapshot) implements ContentChange {
    public TakeSnapshot {
      names = List.copyOf(names);
    }
  }

  /** Gives a snapshot up that no store shows. */
  record DeleteSnapshot(String name, String snapshot) implements ContentChange {}

  /**
   * Makes the content that of a snapshot.
   *
   * @param force also when initiators are logged in; they are told
   */
  record RollBack(String name, String snapshot, boolean force) implements ContentChange {}

  /**
   * Throws away what lies over the base.
   *
   * @param force also when initiators are logged in; they are told
   */
  record Discard(String name, boolean force) implements ContentChange {}

  /**
   * Moves what lies over the base into it.
   *
   * @param detach whether the base takes the overlay's place, whose configuration is removed
   */
  record Commit(String name, boolean detach) implements ContentChange {}

  /**
   * Puts an overlay between a logical unit and its store, so that it keeps snapshots.
   *
   * @param unit the logical unit
   * @param overlay name of the new store
   * @param values of the overlay, without its base
   */
  record Cover(String unit, String overlay, Map<String, String> values) implements ContentChange {
    public Cover {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }
}
