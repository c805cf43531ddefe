// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/**
 * On what terms initiators log in, factory PID {@code org.jtgt.iscsi.policy}. Each key may be
 * absent, therefore they are texts here; Metatype tells their types.
 */
@ObjectClassDefinition(
    name = "Login policy",
    description =
        "Terms of new logins to targets at portals. What is absent is left to a policy that names"
            + " its targets and portals less closely, at last to the settings of the transport.")
@interface PolicyConfig {
  @AttributeDefinition(
      name = "Targets",
      description = "Names of targets, or iSCSI names, * and ? for others; absent: all",
      required = false)
  String[] targets() default {};

  @AttributeDefinition(
      name = "Portals",
      description = "Names of portals, * and ? for others; absent: all",
      required = false)
  String[] portals() default {};

  @AttributeDefinition(
      name = "Authentication",
      description =
          "none; chap; optional (as the initiator likes); auto (chap where there is an account)",
      required = false,
      options = {
        @Option(label = "none", value = "none"),
        @Option(label = "chap", value = "chap"),
        @Option(label = "optional", value = "optional"),
        @Option(label = "auto", value = "auto")
      })
  String auth() default "";

  @AttributeDefinition(
      name = "Authentication of discovery",
      description = "The same for discovery sessions; only policies without targets say it",
      required = false,
      options = {
        @Option(label = "none", value = "none"),
        @Option(label = "chap", value = "chap"),
        @Option(label = "optional", value = "optional"),
        @Option(label = "auto", value = "auto")
      })
  String discoveryAuth() default "";

  @AttributeDefinition(
      name = "Redirect",
      description = "address or address:port to which initiators are sent instead (RFC 7143 6.3)",
      required = false)
  String redirect() default "";

  @AttributeDefinition(
      name = "Redirect for good",
      description = "true says that the target has moved permanently",
      type = AttributeType.BOOLEAN,
      required = false)
  String redirectPermanently() default "";

  @AttributeDefinition(
      name = "Most sessions",
      description = "Sessions of a target; 0 for any number",
      type = AttributeType.INTEGER,
      min = "0",
      max = "65535",
      required = false)
  String maxSessions() default "";

  @AttributeDefinition(
      name = "HeaderDigest",
      description = "Accepted values: None, CRC32C (RFC 7143 13.1)",
      options = {
        @Option(label = "None", value = "None"),
        @Option(label = "CRC32C", value = "CRC32C")
      },
      required = false)
  String[] headerDigest() default {};

  @AttributeDefinition(
      name = "DataDigest",
      description = "Accepted values: None, CRC32C (RFC 7143 13.1)",
      options = {
        @Option(label = "None", value = "None"),
        @Option(label = "CRC32C", value = "CRC32C")
      },
      required = false)
  String[] dataDigest() default {};

  @AttributeDefinition(
      name = "MaxRecvDataSegmentLength",
      description = "Largest data segment that the target takes, in bytes (RFC 7143 13.12)",
      type = AttributeType.INTEGER,
      min = "512",
      max = "16777215",
      required = false)
  String maxRecvDataSegmentLength() default "";

  @AttributeDefinition(
      name = "MaxBurstLength",
      description = "Largest data sequence, in bytes (RFC 7143 13.13)",
      type = AttributeType.INTEGER,
      min = "512",
      max = "16777215",
      required = false)
  String maxBurstLength() default "";

  @AttributeDefinition(
      name = "FirstBurstLength",
      description = "Most unsolicited data of a command, in bytes (RFC 7143 13.14)",
      type = AttributeType.INTEGER,
      min = "512",
      max = "16777215",
      required = false)
  String firstBurstLength() default "";

  @AttributeDefinition(
      name = "MaxOutstandingR2T",
      description = "R2Ts of one command that may be open at once (RFC 7143 13.17)",
      type = AttributeType.INTEGER,
      min = "1",
      max = "65535",
      required = false)
  String maxOutstandingR2T() default "";

  @AttributeDefinition(
      name = "InitialR2T",
      description = "true refuses unsolicited Data-Out PDUs (RFC 7143 13.10)",
      type = AttributeType.BOOLEAN,
      required = false)
  String initialR2T() default "";

  @AttributeDefinition(
      name = "ImmediateData",
      description = "false refuses data in SCSI Command PDUs (RFC 7143 13.11)",
      type = AttributeType.BOOLEAN,
      required = false)
  String immediateData() default "";

  @AttributeDefinition(
      name = "DataPDUInOrder",
      description = "false lets Data PDUs of a sequence come in any order (RFC 7143 13.18)",
      type = AttributeType.BOOLEAN,
      required = false)
  String dataPDUInOrder() default "";

  @AttributeDefinition(
      name = "DataSequenceInOrder",
      description = "false lets sequences of a command come in any order (RFC 7143 13.19)",
      type = AttributeType.BOOLEAN,
      required = false)
  String dataSequenceInOrder() default "";

  @AttributeDefinition(
      name = "MaxConnections",
      description = "Most connections of a session (RFC 7143 13.2)",
      type = AttributeType.INTEGER,
      min = "1",
      max = "64",
      required = false)
  String maxConnections() default "";

  @AttributeDefinition(
      name = "ErrorRecoveryLevel",
      description = "Highest recovery level, 0 to 2 (RFC 7143 13.20)",
      type = AttributeType.INTEGER,
      min = "0",
      max = "2",
      required = false)
  String errorRecoveryLevel() default "";

  @AttributeDefinition(
      name = "DefaultTime2Wait",
      description = "Seconds before reconnecting (RFC 7143 13.15)",
      type = AttributeType.INTEGER,
      min = "0",
      max = "3600",
      required = false)
  String defaultTime2Wait() default "";

  @AttributeDefinition(
      name = "DefaultTime2Retain",
      description = "Seconds for which tasks are kept (RFC 7143 13.16)",
      type = AttributeType.INTEGER,
      min = "0",
      max = "3600",
      required = false)
  String defaultTime2Retain() default "";
}
