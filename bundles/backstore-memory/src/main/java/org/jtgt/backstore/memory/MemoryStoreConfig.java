// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.memory;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one memory store. */
@ObjectClassDefinition(
    name = "Memory store",
    description = "Keeps data in the memory of the container; it is lost when the store stops.")
@interface MemoryStoreConfig {
  /** Size as {@link org.jtgt.backstore.ByteSize} reads it. */
  @AttributeDefinition(
      name = "Size",
      description =
          "Size: bytes, or K, M, G, T, P (powers of 1024), a multiple of 512, at most the"
              + " machine's memory; memory is taken as it is written. It can grow in use.")
  String size();
}
