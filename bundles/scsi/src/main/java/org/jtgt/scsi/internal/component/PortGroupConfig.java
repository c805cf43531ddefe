// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Configuration of one target port group. */
@ObjectClassDefinition(
    name = "Target port group",
    description = "Target ports that initiators see in one asymmetric access state (ALUA).")
public @interface PortGroupConfig {
  @AttributeDefinition(
      name = "Identifier",
      description = "2 to 65535; 1 is the group of all ports that are in no other.",
      min = "2",
      max = "65535")
  int id();

  @AttributeDefinition(
      name = "Ports",
      description =
          "Names of target ports, for iSCSI TARGET,t,0xTAG with four hexadecimal digits; * stands"
              + " for any text.")
  String[] ports();

  @AttributeDefinition(
      name = "State",
      description = "Asymmetric access state of the ports; a change is seen at once.",
      options = {
        @Option(label = "active/optimized", value = "active-optimized"),
        @Option(label = "active/non-optimized", value = "active-non-optimized"),
        @Option(label = "standby", value = "standby"),
        @Option(label = "unavailable", value = "unavailable"),
        @Option(label = "offline", value = "offline"),
        @Option(label = "transitioning", value = "transitioning")
      },
      defaultValue = "active-optimized")
  String state() default "active-optimized";

  @AttributeDefinition(
      name = "Preferred",
      description = "Whether initiators should prefer the group.",
      defaultValue = "false")
  boolean preferred() default false;

  @AttributeDefinition(
      name = "Explicit",
      description =
          "Whether initiators may change the state (SET TARGET PORT GROUPS); what they set is kept"
              + " until the configured state is changed.",
      defaultValue = "false")
  boolean explicit() default false;
}
