// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one store that keeps nothing but what was flushed. */
@ObjectClassDefinition(
    name = "Non-durable store",
    description = "Test double: a write stays in memory until a flush puts it into the file.")
@interface NonDurableStoreConfig {
  @AttributeDefinition(name = "Path", description = "The file; made when it is not there.")
  String path();

  @AttributeDefinition(name = "Size", description = "Size, at most 256M.")
  String size();
}
