// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one overlay. */
@ObjectClassDefinition(
    name = "Overlay",
    description =
        "A thin clone: keeps what is written over a base store that is never changed. Several may"
            + " have the same base.")
@interface OverlayConfig {
  /** The store below. */
  @AttributeDefinition(
      name = "Base",
      description = "Name of the store that is read where nothing was written.")
  String base();

  /** Where the changes lie. */
  @AttributeDefinition(
      name = "Path",
      description =
          "Folder of this overlay alone, for what is written; made when it is missing. Without it"
              + " (remove the overlay, then the folder) the base is as ever.")
  String path();
}
