// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one snapshot that is shown. */
@ObjectClassDefinition(
    name = "Snapshot",
    description =
        "A snapshot of another store as a store of its own, to be read: a logical unit shows it, or"
            + " an overlay stands on it (a writable clone).")
@interface SnapshotConfig {
  /** The store that keeps it. */
  @AttributeDefinition(
      name = "Of",
      description = "Name of the store that keeps the snapshot: an overlay, or a filter on one.")
  String of();

  /** Its name. */
  @AttributeDefinition(name = "Snapshot", description = "Name of the snapshot in that store.")
  String snapshot();
}
