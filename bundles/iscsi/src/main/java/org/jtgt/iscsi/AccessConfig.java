// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** One access rule, factory PID {@code org.jtgt.iscsi.access}. */
@ObjectClassDefinition(
    name = "Access rule",
    description =
        "Lets initiators in to targets. A target that no rule names is open to all; one that a rule"
            + " names is open to those whom a rule lets in. Of several rules the one counts that"
            + " names the initiator most closely.")
@interface AccessConfig {
  @AttributeDefinition(
      name = "Targets",
      description = "Names of targets, or iSCSI names, * and ? for others")
  String[] targets();

  @AttributeDefinition(
      name = "Initiators",
      description = "iSCSI names of initiators, * and ? for others; absent: any",
      required = false)
  String[] initiators() default {};

  @AttributeDefinition(
      name = "Addresses",
      description = "Addresses of initiators, as 192.0.2.7 or 192.0.2.0/24; absent: any",
      required = false)
  String[] addresses() default {};

  @AttributeDefinition(
      name = "LUNs",
      description = "LUN map of these initiators, as 0:disk0; absent: the target's",
      required = false)
  String[] luns() default {};

  @AttributeDefinition(
      name = "Read-only",
      description = "true refuses every command that writes, by DATA PROTECT")
  boolean readOnly() default false;

  @AttributeDefinition(
      name = "Most sessions",
      description = "Sessions that one initiator may have with one target; 0 for any number",
      min = "0",
      max = "65535")
  int maxSessions() default 0;
}
