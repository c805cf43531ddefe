// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Which iSNS server is told of the targets, PID {@code org.jtgt.isns}. */
@ObjectClassDefinition(
    name = "iSNS client",
    description =
        "Registers targets, portals and portal groups with an iSNS server (RFC 4171), which tells"
            + " initiators of them. Without a server it does nothing.")
@interface IsnsConfig {
  @AttributeDefinition(
      name = "Server",
      description = "Name or address of the server, perhaps with a port (3205); absent: none",
      required = false)
  String server() default "";

  @AttributeDefinition(
      name = "Targets",
      description = "Names of targets, or iSCSI names, * and ? for others; absent: all",
      required = false)
  String[] targets() default {};

  @AttributeDefinition(
      name = "Entity",
      description =
          "Entity Identifier of this machine, which no other may have; absent: its host name",
      required = false)
  String entity() default "";

  @AttributeDefinition(
      name = "Registration period",
      description =
          "Seconds after which the server forgets a target that has ended without saying so",
      min = "3",
      max = "86400")
  int registrationSeconds() default 300;

  @AttributeDefinition(
      name = "Entity Status Inquiry interval",
      description =
          "Seconds between the server's own questions whether a portal lives, which reach it at"
              + " esiPort; 0 for none",
      min = "0",
      max = "86400")
  int esiSeconds() default 0;

  @AttributeDefinition(
      name = "ESI port",
      description = "TCP port for these questions, on each portal's address; 0 for any free one",
      min = "0",
      max = "65535")
  int esiPort() default 0;
}
