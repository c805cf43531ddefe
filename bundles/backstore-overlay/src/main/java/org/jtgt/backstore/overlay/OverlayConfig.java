// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one overlay. */
@ObjectClassDefinition(
    name = "Overlay",
    description =
        "Keeps what is written over a base store that is never changed: a thin clone, with"
            + " snapshots. Several may have the same base.")
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

  /** Size as {@link org.jtgt.backstore.ByteSize} reads it. */
  @AttributeDefinition(
      name = "Size",
      required = false,
      description =
          "Bytes, or K, M, G, T, P (powers of 1024), a multiple of 512, not less than it has: the"
              + " overlay grows to it, also in use; behind the base's end are zeros. As the base"
              + " when it is not given.")
  String size() default "";

  /** How much may lie in the folder. */
  @AttributeDefinition(
      name = "Limit",
      required = false,
      description =
          "Most bytes (K, M, G, T, P) that it may hold, its snapshots included; writes that need"
              + " more are refused (SPACE ALLOCATION FAILED). Can be changed in use. None: as much"
              + " as the file system takes.")
  String limit() default "";

  /** Bytes of a cluster. */
  @AttributeDefinition(
      name = "Cluster size",
      required = false,
      description =
          "What is copied when a part of it is written the first time: 4K to 1M, a power of two."
              + " Fixed when the overlay is made. When it is not given: 64K, and more for more than"
              + " 16T.")
  String clusterSize() default "";
}
