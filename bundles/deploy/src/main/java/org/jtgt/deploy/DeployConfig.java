// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** How jars of {@code deploy/} are taken. */
@ObjectClassDefinition(
    name = "Deployment",
    description = "How jars dropped into deploy/ are taken.")
@interface DeployConfig {
  /** What an upgrade does whose stores do not come back as they were. */
  @AttributeDefinition(
      name = "Unfit upgrade",
      required = false,
      description =
          "When stores do not come back with a new version of their bundle, or with another size or"
              + " identity: rollback puts the version before in place again, refuse leaves the new"
              + " one, and the logical units answer NOT READY until their configuration is written"
              + " again.",
      options = {
        @Option(label = "rollback", value = "rollback"),
        @Option(label = "refuse", value = "refuse")
      })
  String unfitUpgrade() default "rollback";

  /** How long the stores may take. */
  @AttributeDefinition(
      name = "Settle time",
      required = false,
      min = "1",
      max = "300",
      description =
          "Seconds in which the stores must be back after an upgrade; below the hold time of the"
              + " logical units.")
  int settleSeconds() default 10;
}
