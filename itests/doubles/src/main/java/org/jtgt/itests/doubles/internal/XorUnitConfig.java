// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one unit that can XOR. */
@ObjectClassDefinition(
    name = "XOR unit",
    description = "Test double: a logical unit with bidirectional and extended commands.")
@interface XorUnitConfig {
  @AttributeDefinition(name = "Blocks", description = "Number of blocks of 512 bytes.")
  int blocks() default 4096;
}
