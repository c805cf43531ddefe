// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** One CHAP account, factory PID {@code org.jtgt.iscsi.account}. */
@ObjectClassDefinition(
    name = "CHAP account",
    description =
        "A name and secret with which initiators prove who they are (RFC 7143 12.1.3). Where there"
            + " is an account for a target, its initiators have to use one.")
@interface AccountConfig {
  @AttributeDefinition(
      name = "User",
      description = "CHAP_N of the initiator; absent: the account's name",
      required = false)
  String user() default "";

  @AttributeDefinition(
      name = "Secret",
      description =
          "12 bytes or more: text, or 0x and hex digits, or 0b and base64; many initiators take at"
              + " most 16 characters",
      type = AttributeType.PASSWORD,
      required = false)
  String secret() default "";

  @AttributeDefinition(
      name = "Secret file",
      description = "File whose first line is the secret; others must not be able to read it",
      required = false)
  String secretFile() default "";

  @AttributeDefinition(
      name = "Target's user",
      description = "CHAP_N of the target in mutual authentication; absent: the account's name",
      required = false)
  String targetUser() default "";

  @AttributeDefinition(
      name = "Target's secret",
      description =
          "Secret with which the target proves itself to initiators that ask for it; another one"
              + " than any initiator's",
      type = AttributeType.PASSWORD,
      required = false)
  String targetSecret() default "";

  @AttributeDefinition(
      name = "Target's secret file",
      description = "File whose first line is the target's secret",
      required = false)
  String targetSecretFile() default "";

  @AttributeDefinition(
      name = "Targets",
      description = "Names of targets, or iSCSI names, * and ? for others; absent: all",
      required = false)
  String[] targets() default {};

  @AttributeDefinition(
      name = "Initiators",
      description = "iSCSI names that may use it, * and ? for others; absent: any",
      required = false)
  String[] initiators() default {};

  @AttributeDefinition(name = "Discovery", description = "Whether it is for discovery sessions too")
  boolean discovery() default false;
}
