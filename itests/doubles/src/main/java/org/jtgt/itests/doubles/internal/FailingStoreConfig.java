// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one failing store. */
@ObjectClassDefinition(
    name = "Failing store",
    description = "Test double: memory whose I/O fails by rules.")
@interface FailingStoreConfig {
  @AttributeDefinition(name = "Size", description = "Size, at most 256M.")
  String size();

  @AttributeDefinition(
      name = "Rules",
      description =
          "OPERATION KIND [FIRST-LAST] [xCOUNT] each, for example: read media 4096-4607 x1",
      required = false)
  String[] rules() default {};
}
