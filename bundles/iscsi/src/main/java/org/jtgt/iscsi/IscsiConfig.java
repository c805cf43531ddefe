// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Settings of the iSCSI transport as a whole, PID {@code org.jtgt.iscsi}. */
@ObjectClassDefinition(
    name = "iSCSI transport",
    description = "Settings of all iSCSI portals; new logins use changed values.")
@interface IscsiConfig {
  @AttributeDefinition(
      name = "Transport",
      description =
          "auto (epoll where its native library loads), epoll or nio; in force from the next start",
      options = {
        @Option(label = "auto", value = "auto"),
        @Option(label = "epoll", value = "epoll"),
        @Option(label = "nio", value = "nio")
      })
  String transport() default "auto";

  @AttributeDefinition(
      name = "Threads",
      description =
          "Number of network threads, 0 for one a processor; in force from the next start",
      min = "0",
      max = "256")
  int threads() default 0;

  @AttributeDefinition(
      name = "Busy poll",
      description =
          "Microseconds for which a network thread goes on looking for commands before it sleeps;"
              + " costs a processor while initiators are busy",
      min = "0",
      max = "1000000")
  int busyPollMicros() default 0;

  @AttributeDefinition(
      name = "Command window",
      description = "Commands that an initiator may send ahead",
      min = "1",
      max = "4096")
  int commandWindow() default 128;

  @AttributeDefinition(
      name = "Most commands",
      description = "Commands of a session that run or wait; the window shrinks towards it",
      min = "1",
      max = "65536")
  int maxCommands() default 1024;

  @AttributeDefinition(
      name = "Unsolicited data",
      description = "Bytes of unsolicited data held for the waiting commands of a session",
      min = "65536",
      max = "1073741824")
  int unsolicitedBytes() default 16777216;

  @AttributeDefinition(
      name = "Solicited data",
      description =
          "Bytes: R2Ts ask for more data of writes while less than this is still to come on the"
              + " connection; less lets small commands pass large writes sooner, more fills a long"
              + " line",
      min = "65536",
      max = "1073741824")
  int solicitedBytes() default 524288;

  @AttributeDefinition(
      name = "Login timeout",
      description = "Seconds for the login phase",
      min = "1",
      max = "3600")
  int loginSeconds() default 15;

  @AttributeDefinition(
      name = "Keep-alive",
      description = "Seconds of silence after which the target pings; 0 for never",
      min = "0",
      max = "3600")
  int keepAliveSeconds() default 30;

  @AttributeDefinition(
      name = "Keep-alive timeout",
      description = "Seconds for the answer to a ping",
      min = "1",
      max = "3600")
  int keepAliveTimeoutSeconds() default 15;

  @AttributeDefinition(
      name = "Logout time",
      description = "Seconds for a logout that the target asks for when it stops",
      min = "0",
      max = "60")
  int logoutSeconds() default 2;

  @AttributeDefinition(
      name = "MaxRecvDataSegmentLength",
      description = "Largest data segment that the target takes, in bytes (RFC 7143 13.12)",
      min = "512",
      max = "16777215")
  int maxRecvDataSegmentLength() default 262144;

  @AttributeDefinition(
      name = "MaxBurstLength",
      description = "Largest data sequence, in bytes (RFC 7143 13.13)",
      min = "512",
      max = "16777215")
  int maxBurstLength() default 1048576;

  @AttributeDefinition(
      name = "FirstBurstLength",
      description = "Most unsolicited data of a command, in bytes (RFC 7143 13.14)",
      min = "512",
      max = "16777215")
  int firstBurstLength() default 65536;

  @AttributeDefinition(
      name = "MaxOutstandingR2T",
      description = "R2Ts of one command that may be open at once (RFC 7143 13.17)",
      min = "1",
      max = "65535")
  int maxOutstandingR2T() default 8;

  @AttributeDefinition(
      name = "MaxConnections",
      description = "Connections of one session (RFC 7143 13.2)",
      min = "1",
      max = "64")
  int maxConnections() default 1;

  @AttributeDefinition(
      name = "ErrorRecoveryLevel",
      description = "Highest level of error recovery that is agreed to (RFC 7143 13.20)",
      min = "0",
      max = "2")
  int errorRecoveryLevel() default 0;

  @AttributeDefinition(
      name = "DefaultTime2Wait",
      description = "Seconds before an initiator reconnects (RFC 7143 13.15)",
      min = "0",
      max = "3600")
  int defaultTime2Wait() default 2;

  @AttributeDefinition(
      name = "DefaultTime2Retain",
      description =
          "Seconds after that for which a session, and at level 2 its tasks, outlive their"
              + " connection (RFC 7143 13.16)",
      min = "0",
      max = "3600")
  int defaultTime2Retain() default 20;

  @AttributeDefinition(
      name = "Recovery time",
      description =
          "Milliseconds without data that is due until it is asked for again, at recovery level 1"
              + " and 2",
      min = "50",
      max = "60000")
  int recoveryMilliseconds() default 2000;

  @AttributeDefinition(
      name = "SCSI events",
      description =
          "true tells initiators at once of another size, LUN map, medium or path state, by an"
              + " Asynchronous Message (RFC 7143 11.9.1), beside the unit attention that their next"
              + " command meets; Linux then looks for new LUNs by itself")
  boolean scsiEvents() default false;

  @AttributeDefinition(
      name = "DataPDUInOrder",
      description = "false lets the PDUs of a sequence come in any order (RFC 7143 13.18)")
  boolean dataPDUInOrder() default true;

  @AttributeDefinition(
      name = "DataSequenceInOrder",
      description = "false lets sequences come in any order (RFC 7143 13.19)")
  boolean dataSequenceInOrder() default true;

  @AttributeDefinition(
      name = "InitialR2T",
      description = "true refuses unsolicited Data-Out PDUs (RFC 7143 13.10)")
  boolean initialR2T() default false;

  @AttributeDefinition(
      name = "ImmediateData",
      description = "false refuses data in SCSI Command PDUs (RFC 7143 13.11)")
  boolean immediateData() default true;

  @AttributeDefinition(
      name = "HeaderDigest",
      description = "Accepted values of HeaderDigest (RFC 7143 13.1)",
      options = {
        @Option(label = "None", value = "None"),
        @Option(label = "CRC32C", value = "CRC32C")
      })
  String[] headerDigest() default {"None", "CRC32C"};

  @AttributeDefinition(
      name = "DataDigest",
      description = "Accepted values of DataDigest (RFC 7143 13.1)",
      options = {
        @Option(label = "None", value = "None"),
        @Option(label = "CRC32C", value = "CRC32C")
      })
  String[] dataDigest() default {"None", "CRC32C"};

  @AttributeDefinition(
      name = "Authentication",
      description =
          "none; chap; optional (as the initiator likes); auto (chap where there is an account)",
      options = {
        @Option(label = "none", value = "none"),
        @Option(label = "chap", value = "chap"),
        @Option(label = "optional", value = "optional"),
        @Option(label = "auto", value = "auto")
      })
  String auth() default "auto";

  @AttributeDefinition(
      name = "Authentication of discovery",
      description = "The same for discovery sessions; auto: where an account is for discovery",
      options = {
        @Option(label = "none", value = "none"),
        @Option(label = "chap", value = "chap"),
        @Option(label = "optional", value = "optional"),
        @Option(label = "auto", value = "auto")
      })
  String discoveryAuth() default "auto";

  @AttributeDefinition(
      name = "CHAP algorithms",
      description = "Accepted ones, the preferred first: MD5, SHA1, SHA-256, SHA3-256",
      options = {
        @Option(label = "MD5", value = "MD5"),
        @Option(label = "SHA1", value = "SHA1"),
        @Option(label = "SHA-256", value = "SHA-256"),
        @Option(label = "SHA3-256", value = "SHA3-256")
      })
  String[] chapAlgorithms() default {"SHA3-256", "SHA-256", "SHA1", "MD5"};

  @AttributeDefinition(
      name = "CHAP challenge",
      description = "Length of the target's challenges, in bytes (RFC 7143 12.1.3)",
      min = "1",
      max = "1024")
  int chapChallengeBytes() default 32;
}
