// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the SCSI engine. */
@ObjectClassDefinition(
    name = "SCSI engine",
    description = "What all logical units of the container share.")
public @interface EngineConfig {
  /** Size as {@link org.jtgt.backstore.ByteSize} reads it. */
  @AttributeDefinition(
      name = "Transfer budget",
      description =
          "Bytes that all commands may hold in buffers together: bytes, or K, M, G, T (powers of"
              + " 1024), at least 4M. The largest transfer of one command is a quarter of it, at"
              + " most 8M.",
      defaultValue = "256M")
  String transferBudget() default "256M";

  @AttributeDefinition(
      name = "Abort time",
      description =
          "Seconds, 1 to 3600, that aborted commands may take to end in their store. After them the"
              + " session that waits for the task management function is closed, so that its"
              + " initiator recovers; what such a command still writes is never written over later"
              + " data.",
      min = "1",
      max = "3600",
      defaultValue = "10")
  int abortSeconds() default 10;
}
