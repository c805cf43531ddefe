// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.fault;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one fault filter. All of it can be changed under I/O. */
@ObjectClassDefinition(
    name = "Faults",
    description = "Fails, delays, tears or loses I/Os by rule, to test what stands above.")
@interface FaultConfig {
  /** The store below. */
  @AttributeDefinition(name = "Store", description = "Name of the store below.")
  String store();

  /** As {@link Rule#parse} reads them. */
  @AttributeDefinition(
      name = "Rules",
      required = false,
      description =
          "OPERATIONS ACTION [CONDITION...], tried in order. OPERATIONS: read, write, flush, unmap,"
              + " zero joined by +, or any. ACTION: error=media|transient|gone|full|protected|other,"
              + " delay=20ms, torn=4096 (stores the first bytes, then fails), lost (answers success"
              + " and does nothing), hang (until the store is drained). CONDITION: at=FROM-TO (byte"
              + " range, as 1M-2M), after=N (leaves the first N alone), every=N, count=N (at most),"
              + " probability=0.01.")
  String[] rules() default {};

  /** Seed of what {@code probability} draws. */
  @AttributeDefinition(
      name = "Seed",
      required = false,
      description = "Makes what probability draws repeatable; 0: another one each time.")
  long seed() default 0;
}
