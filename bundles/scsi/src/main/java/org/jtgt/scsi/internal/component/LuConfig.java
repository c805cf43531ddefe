// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Configuration of one logical unit. */
@ObjectClassDefinition(
    name = "Logical unit",
    description = "A disk as initiators see it; its bytes lie in a store.")
public @interface LuConfig {
  @AttributeDefinition(name = "Store", description = "Name of the store that holds its bytes.")
  String store();

  @AttributeDefinition(
      name = "Block size",
      description = "Logical block length in bytes.",
      options = {@Option(label = "512", value = "512"), @Option(label = "4096", value = "4096")},
      defaultValue = "512")
  int blockSize() default 512;

  @AttributeDefinition(
      name = "Read-only",
      description = "Refuses writes, though the store may take them.",
      defaultValue = "false")
  boolean readOnly() default false;

  @AttributeDefinition(
      name = "Write cache",
      description = "Whether a write may end before it is on stable storage; false: it never does.",
      defaultValue = "true")
  boolean writeCache() default true;

  @AttributeDefinition(
      name = "Serial number",
      description = "1 to 36 printable ASCII characters; made and kept when absent.",
      required = false)
  String serial() default "";

  @AttributeDefinition(
      name = "NAA identifier",
      description = "16 hexadecimal digits; made (NAA type 3) and kept when absent.",
      required = false)
  String naa() default "";

  @AttributeDefinition(
      name = "Vendor",
      description = "At most 8 printable ASCII characters.",
      defaultValue = "JTGT")
  String vendor() default "JTGT";

  @AttributeDefinition(
      name = "Product",
      description = "At most 16 printable ASCII characters.",
      defaultValue = "VIRTUAL DISK")
  String product() default "VIRTUAL DISK";

  @AttributeDefinition(
      name = "Revision",
      description = "At most 4 printable ASCII characters.",
      defaultValue = "0001")
  String revision() default "0001";

  @AttributeDefinition(
      name = "Thin provisioning",
      description = "Whether initiators may give space back, where the store can.",
      defaultValue = "true")
  boolean thinProvisioning() default true;

  @AttributeDefinition(
      name = "Removable",
      description = "Whether initiators may take the medium out and put it in again.",
      defaultValue = "false")
  boolean removable() default false;

  @AttributeDefinition(
      name = "Soft threshold",
      description =
          "Percent of the size, 0 to 100; when a thin store holds that much, initiators are told"
              + " once (THIN PROVISIONING SOFT THRESHOLD REACHED). 0: never.",
      min = "0",
      max = "100",
      defaultValue = "0")
  int thresholdPercent() default 0;

  @AttributeDefinition(
      name = "Outage",
      description =
          "What becomes of commands while the store is away: hold (they wait for the hold time),"
              + " busy (BUSY: the initiator tries again), fail (NOT READY). In the first seconds,"
              + " when the store may only be replaced, they always wait.",
      options = {
        @Option(label = "hold", value = "hold"),
        @Option(label = "busy", value = "busy"),
        @Option(label = "fail", value = "fail")
      },
      defaultValue = "hold")
  String outage() default "hold";

  @AttributeDefinition(
      name = "Hold time",
      description =
          "Seconds that commands wait for an absent store, 0 to 3600; below the timeout of the"
              + " initiators (mostly 30).",
      min = "0",
      max = "3600",
      defaultValue = "20")
  int holdSeconds() default 20;

  @AttributeDefinition(
      name = "Command deadline",
      description =
          "Seconds after which a command that the store does not answer is answered without it"
              + " (COMMAND TIMEOUT), 0 to 3600; its blocks wait for the store. 0: never.",
      min = "0",
      max = "3600",
      defaultValue = "0")
  int commandDeadlineSeconds() default 0;
}
