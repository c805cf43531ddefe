// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Configuration of one slow store. */
@ObjectClassDefinition(
    name = "Slow store",
    description = "Test double: memory whose I/O waits, for a time or until it is released.")
@interface SlowStoreConfig {
  @AttributeDefinition(name = "Size", description = "Size, at most 256M.")
  String size();

  @AttributeDefinition(
      name = "Delay",
      description = "Milliseconds that each I/O takes at least.",
      min = "0",
      max = "600000",
      defaultValue = "0")
  int delayMilliseconds() default 0;

  @AttributeDefinition(
      name = "Held",
      description = "While true, I/O waits; false releases it.",
      defaultValue = "false")
  boolean held() default false;

  @AttributeDefinition(
      name = "Completion",
      description = "Whether it blocks its caller, or completes from threads of its own.",
      options = {
        @Option(label = "blocking", value = "blocking"),
        @Option(label = "asynchronous", value = "asynchronous")
      },
      defaultValue = "blocking")
  String completion() default "blocking";
}
