// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one target. */
@ObjectClassDefinition(
    name = "Target",
    description = "What initiators log in to: logical units under LUNs.")
public @interface TargetConfig {
  @AttributeDefinition(
      name = "Name",
      description = "iSCSI name, at most 223 characters; absent: iqn.2026-11.org.jtgt:NAME.",
      required = false)
  String name() default "";

  @AttributeDefinition(
      name = "Alias",
      description = "Text that initiators may show.",
      required = false)
  String alias() default "";

  @AttributeDefinition(
      name = "LUNs",
      description = "LUN : logical unit, for example 0:disk0; LUNs 0 to 16383.",
      required = false)
  String[] luns() default {};

  @AttributeDefinition(
      name = "Portals",
      description = "Names of the portals at which it is reachable; absent: all.",
      required = false)
  String[] portals() default {};
}
