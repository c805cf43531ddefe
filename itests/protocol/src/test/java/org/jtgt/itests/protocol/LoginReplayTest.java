// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Logins with names, ISIDs, offers and an order of keys of the kind that other initiators are known
 * for, of which some targets refuse one or the other (jSCSI #9, #12, #13, #24). As far as sources
 * and public descriptions tell; replayed, not tested with these initiators.
 */
@ExtendWith(TargetUnderTest.class)
class LoginReplayTest {
  private static final long RANDOM = 0x80L << 40;
  private static final long ENTERPRISE = 0x40L << 40;

  enum Replayed {
    OPEN_ISCSI(
        "iqn.1993-08.org.debian:01:4d7f4f2f2c4",
        0x00023dL << 24 | 1,
        "AuthMethod=None",
        "HeaderDigest=None|DataDigest=None|DefaultTime2Wait=2|DefaultTime2Retain=0|IFMarker=No"
            + "|OFMarker=No|ErrorRecoveryLevel=0|InitialR2T=No|ImmediateData=Yes"
            + "|MaxBurstLength=16776192|FirstBurstLength=262144|MaxOutstandingR2T=1"
            + "|MaxConnections=1|DataPDUInOrder=Yes|DataSequenceInOrder=Yes"
            + "|MaxRecvDataSegmentLength=262144"),
    WINDOWS(
        "iqn.1991-05.com.microsoft:win10.example.com",
        ENTERPRISE | 0x000137L << 16,
        "AuthMethod=None",
        "HeaderDigest=None,CRC32C|DataDigest=None,CRC32C|MaxConnections=32|InitialR2T=No"
            + "|ImmediateData=Yes|MaxRecvDataSegmentLength=65536|MaxBurstLength=262144"
            + "|FirstBurstLength=65536|DefaultTime2Wait=0|DefaultTime2Retain=60"
            + "|MaxOutstandingR2T=16|DataPDUInOrder=Yes|DataSequenceInOrder=Yes"
            + "|ErrorRecoveryLevel=2|IFMarker=No|OFMarker=No"),
    VIRTUALBOX(
        "iqn.2008-04.com.sun.virtualbox.initiator",
        RANDOM | 0x0b0c0d,
        "AuthMethod=None",
        "HeaderDigest=None|DataDigest=None|MaxConnections=1|InitialR2T=No|ImmediateData=Yes"
            + "|MaxRecvDataSegmentLength=262144|MaxBurstLength=262144|FirstBurstLength=65536"
            + "|DefaultTime2Wait=0|DefaultTime2Retain=60|DataPDUInOrder=Yes"
            + "|DataSequenceInOrder=Yes|ErrorRecoveryLevel=0|MaxOutstandingR2T=1"),
    MAC_OS(
        "iqn.2015-01.com.example:mac",
        RANDOM | 0x010203,
        "AuthMethod=None,CHAP",
        "HeaderDigest=CRC32C,None|DataDigest=CRC32C,None|MaxRecvDataSegmentLength=131072"
            + "|MaxConnections=1|InitialR2T=No|ImmediateData=Yes|MaxBurstLength=262144"
            + "|FirstBurstLength=65536|DefaultTime2Wait=2|DefaultTime2Retain=20"
            + "|MaxOutstandingR2T=1|DataPDUInOrder=Yes|DataSequenceInOrder=Yes"
            + "|ErrorRecoveryLevel=1|X-org.example.vendor=1"),
    ESXI(
        "iqn.1998-01.com.vmware:esx01-3a7f2c11",
        0x00023dL << 24 | 2,
        "AuthMethod=CHAP,None",
        "HeaderDigest=None|DataDigest=None|InitialR2T=No|ImmediateData=Yes"
            + "|MaxRecvDataSegmentLength=131072|MaxBurstLength=262144|FirstBurstLength=262144"
            + "|MaxOutstandingR2T=1|MaxConnections=1|DataPDUInOrder=Yes|DataSequenceInOrder=Yes"
            + "|DefaultTime2Wait=0|DefaultTime2Retain=0|ErrorRecoveryLevel=0"),
    IPXE(
        "iqn.2010-04.org.ipxe:4c4c4544-0042-3010-8036",
        0x00L << 40 | 0x18AE,
        "AuthMethod=None",
        "HeaderDigest=None|DataDigest=None|MaxConnections=1|InitialR2T=Yes|ImmediateData=No"
            + "|MaxRecvDataSegmentLength=8192|MaxBurstLength=262144|FirstBurstLength=65536"
            + "|DefaultTime2Wait=0|DefaultTime2Retain=0|MaxOutstandingR2T=1|DataPDUInOrder=Yes"
            + "|DataSequenceInOrder=Yes|ErrorRecoveryLevel=0");

    private final String name;
    private final long isid;
    private final String[] methods;
    private final String[] operational;

    Replayed(String name, long isid, String methods, String operational) {
      this.name = name;
      this.isid = isid;
      this.methods = methods.substring("AuthMethod=".length()).split(",");
      this.operational = operational.split("[|=]");
    }
  }

  @ParameterizedTest
  @Section("6.2, 11.12, 13")
  @EnumSource
  void who_offers_this_logs_in_and_reads_what_it_wrote(Replayed initiator, TestedTarget target)
      throws Exception {
    LoginOptions options =
        LoginOptions.normal(initiator.name, target.name())
            .withAuthMethod(initiator.methods)
            .withIsid(initiator.isid)
            .withOperational(TextKeys.of(initiator.operational));
    try (Session session = Session.login(target.portal(), options)) {
      LogicalUnit disk = target.disk(session);
      byte[] data = initiator.name.repeat(4096).substring(0, 65536).getBytes();
      disk.write(0, data, 512);
      assertThat(disk.read(0, 128, 512)).isEqualTo(data);
      session.logout();
    }
  }
}
