// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** One portal, factory PID {@code org.jtgt.iscsi.portal}. */
@ObjectClassDefinition(
    name = "iSCSI portal",
    description = "An address and port that initiators connect to (RFC 7143 4.1).")
@interface PortalConfig {
  @AttributeDefinition(
      name = "Address",
      description = "IPv4 or IPv6 address to listen on; 0.0.0.0 or :: for all")
  String address() default "127.0.0.1";

  @AttributeDefinition(name = "Port", description = "TCP port", min = "1", max = "65535")
  int port() default 3260;

  @AttributeDefinition(
      name = "Portal group tag",
      description = "TargetPortalGroupTag (RFC 7143 13.9)",
      min = "1",
      max = "65535")
  int tag() default 1;

  @AttributeDefinition(
      name = "Advertised address",
      description = "address or address:port that discovery shows instead of the real one",
      required = false)
  String advertise() default "";
}
