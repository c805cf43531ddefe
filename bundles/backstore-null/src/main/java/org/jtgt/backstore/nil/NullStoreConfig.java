// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.nil;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one null store. */
@ObjectClassDefinition(
    name = "Null store",
    description = "Reads zeros and forgets what is written: measures everything above the store.")
@interface NullStoreConfig {
  /** Size as {@link org.jtgt.backstore.ByteSize} reads it. */
  @AttributeDefinition(
      name = "Size",
      description =
          "Size it pretends to have: bytes, or K, M, G, T, P (powers of 1024), a multiple of 512")
  String size();
}
