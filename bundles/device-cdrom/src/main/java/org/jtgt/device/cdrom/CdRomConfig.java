// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one drive. */
@ObjectClassDefinition(
    name = "CD-ROM drive",
    description = "A drive that serves an image (ISO 9660, UDF) read-only to initiators.")
public @interface CdRomConfig {
  @AttributeDefinition(
      name = "Store",
      description =
          "Name of the store that holds the image; absent: there is no disc in the drive.",
      required = false)
  String store() default "";

  @AttributeDefinition(
      name = "Serial number",
      description = "1 to 36 printable ASCII characters; made and kept when absent.",
      required = false)
  String serial() default "";

  @AttributeDefinition(
      name = "Product",
      description = "At most 16 printable ASCII characters.",
      defaultValue = "VIRTUAL CD-ROM")
  String product() default "VIRTUAL CD-ROM";
}
