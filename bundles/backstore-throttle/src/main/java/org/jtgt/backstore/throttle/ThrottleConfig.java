// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.throttle;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one throttle. All of it can be changed under I/O. */
@ObjectClassDefinition(
    name = "Throttle",
    description = "Limits I/Os and bytes per second; leaves the data alone.")
@interface ThrottleConfig {
  /** The store below. */
  @AttributeDefinition(name = "Store", description = "Name of the store that is limited.")
  String store();

  /** Reads, writes, unmaps and write-zeroes together. */
  @AttributeDefinition(
      name = "I/Os per second",
      required = false,
      min = "0",
      description = "Reads, writes and unmaps together that may begin in a second; 0: no limit.")
  long iops() default 0;

  /** As {@link org.jtgt.backstore.ByteSize} reads it. */
  @AttributeDefinition(
      name = "Bytes per second",
      required = false,
      description =
          "Bytes read and written together in a second: bytes, or K, M, G (powers of 1024); 0: no"
              + " limit.")
  String bandwidth() default "0";

  /** How many I/Os may go at once. */
  @AttributeDefinition(
      name = "Burst of I/Os",
      required = false,
      min = "0",
      description = "I/Os that may go at once after a pause; 0: what a tenth of a second allows.")
  long burstIos() default 0;

  /** As {@link org.jtgt.backstore.ByteSize} reads it. */
  @AttributeDefinition(
      name = "Burst of bytes",
      required = false,
      description = "Bytes that may go at once after a pause; 0: what a tenth of a second allows.")
  String burstBytes() default "0";
}
