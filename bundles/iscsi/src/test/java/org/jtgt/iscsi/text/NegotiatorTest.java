// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NegotiatorTest {
  private static final Map<Key, String> OWN =
      Map.of(
          Key.HEADER_DIGEST, "CRC32C,None",
          Key.DATA_DIGEST, "None",
          Key.INITIAL_R2T, "No",
          Key.IMMEDIATE_DATA, "Yes",
          Key.MAX_BURST_LENGTH, "1048576",
          Key.FIRST_BURST_LENGTH, "65536",
          Key.MAX_OUTSTANDING_R2T, "8",
          Key.TASK_REPORTING, "ResponseFence,RFC3720",
          Key.ISCSI_PROTOCOL_LEVEL, "2");

  private final Negotiator negotiator = new Negotiator(OWN);

  private String negotiate(String... pairs) throws TextException {
    byte[] text = (String.join("\0", pairs) + "\0").getBytes(StandardCharsets.UTF_8);
    List<TextPair> answers =
        switch (negotiator.negotiate(TextPair.parse(text))) {
          case Negotiator.Outcome.Answers(List<TextPair> given) -> given;
          case Negotiator.Outcome.Failed(List<TextPair> given, String _) -> given;
        };
    return String.join(" ", answers.stream().map(p -> p.key() + "=" + p.value()).toList());
  }

  @ParameterizedTest(name = "{0}={1} gives {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "HeaderDigest|None,CRC32C|None",
        "HeaderDigest|CRC32C,None|CRC32C",
        "HeaderDigest|X-other,CRC32C|CRC32C",
        "DataDigest|CRC32C,None|None",
        "DataDigest|CRC32C|Reject",
        "MaxConnections|8|1",
        "MaxConnections|0|Reject",
        "MaxConnections|65536|Reject",
        "InitialR2T|Yes|Yes",
        "InitialR2T|No|No",
        "InitialR2T|yes|Reject",
        "ImmediateData|Yes|Yes",
        "ImmediateData|No|No",
        "MaxBurstLength|16776192|1048576",
        "MaxBurstLength|0x4000|16384",
        "MaxBurstLength|511|Reject",
        "MaxBurstLength|16777216|Reject",
        "MaxBurstLength|a lot|Reject",
        "FirstBurstLength|262144|65536",
        "FirstBurstLength|512|512",
        "DefaultTime2Wait|0|2",
        "DefaultTime2Wait|3600|3600",
        "DefaultTime2Wait|3601|Reject",
        "DefaultTime2Retain|0|0",
        "DefaultTime2Retain|60|20",
        "MaxOutstandingR2T|1|1",
        "MaxOutstandingR2T|65535|8",
        "MaxOutstandingR2T|0|Reject",
        "DataPDUInOrder|No|Yes",
        "DataSequenceInOrder|No|Yes",
        "ErrorRecoveryLevel|2|0",
        "ErrorRecoveryLevel|3|Reject",
        "TaskReporting|FastAbort,ResponseFence|ResponseFence",
        "TaskReporting|RFC3720|RFC3720",
        "iSCSIProtocolLevel|31|2",
        "iSCSIProtocolLevel|1|1",
        "IFMarker|Yes|No",
        "OFMarker|No|No",
        "IFMarkInt|2048~8192|Reject",
        "OFMarkInt|2048|Reject",
        "X-com.example.key|1|NotUnderstood",
        "Unknown|1|NotUnderstood",
      })
  void aKeyGetsTheAnswerOfItsResultFunction_13(String key, String offer, String answer)
      throws TextException {
    assertThat(negotiate(key + "=" + offer)).isEqualTo(key + "=" + answer);
  }

  @ParameterizedTest(name = "ERL={0} DataSequenceInOrder={1} gives MaxOutstandingR2T={2}")
  @CsvSource({"0,Yes,8", "1,Yes,1", "2,Yes,1", "1,No,8"})
  void sequencesThatComeInOrderAndAreRecoverableComeOneAtATime_13_19(
      String level, String inOrder, String answer) throws TextException {
    Negotiator able =
        new Negotiator(
            Map.of(
                Key.ERROR_RECOVERY_LEVEL, "2",
                Key.DATA_SEQUENCE_IN_ORDER, "No",
                Key.MAX_OUTSTANDING_R2T, "8"));
    able.negotiate(
        TextPair.parse(
            ("MaxOutstandingR2T=16\0ErrorRecoveryLevel="
                    + level
                    + "\0DataSequenceInOrder="
                    + inOrder
                    + "\0")
                .getBytes(StandardCharsets.UTF_8)));
    assertThat(able.result(Key.MAX_OUTSTANDING_R2T)).isEqualTo(answer);
  }

  @Test
  void declarationsGetNoAnswer_6_2() throws TextException {
    assertThat(negotiate("MaxRecvDataSegmentLength=65536", "InitiatorAlias=me")).isEmpty();
    assertThat(negotiator.result(Key.MAX_RECV_DATA_SEGMENT_LENGTH)).isEqualTo("65536");
    assertThat(negotiator.result(Key.INITIATOR_ALIAS)).isEqualTo("me");
  }

  @ParameterizedTest
  @ValueSource(strings = {"511", "16777216", "-1", "", "0x"})
  void aDeclaredLengthOutOfRangeIsRejected_13_12(String value) throws TextException {
    assertThat(negotiate("MaxRecvDataSegmentLength=" + value))
        .isEqualTo("MaxRecvDataSegmentLength=Reject");
  }

  @Test
  void firstBurstLengthDoesNotExceedMaxBurstLengthWhateverTheOrder_13_14() throws TextException {
    assertThat(negotiate("FirstBurstLength=65536", "MaxBurstLength=8192"))
        .isEqualTo("MaxBurstLength=8192 FirstBurstLength=8192");
  }

  @Test
  void firstBurstLengthIsIrrelevantWithoutUnsolicitedData_13_14() throws TextException {
    assertThat(negotiate("InitialR2T=Yes", "ImmediateData=No", "FirstBurstLength=4096"))
        .endsWith("FirstBurstLength=Irrelevant");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxConnections=1",
        "InitialR2T=Yes",
        "ImmediateData=Yes",
        "MaxBurstLength=8192",
        "FirstBurstLength=8192",
        "MaxOutstandingR2T=1",
        "DataPDUInOrder=Yes",
        "DataSequenceInOrder=Yes"
      })
  void keysOfDataTransferAreIrrelevantInDiscovery_13(String pair) throws TextException {
    negotiator.discovery(true);
    assertThat(negotiate(pair)).endsWith("=Irrelevant");
  }

  @Test
  void aKeyThatComesTwiceIsAnError_6_2() {
    assertThatThrownBy(() -> negotiate("MaxBurstLength=8192", "MaxBurstLength=8192"))
        .isInstanceOf(TextException.class)
        .hasMessageContaining("twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Reject", "Irrelevant", "NotUnderstood"})
  void anAnswerIsNoOffer_6_2(String value) {
    assertThatThrownBy(() -> negotiate("MaxBurstLength=" + value))
        .isInstanceOf(TextException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TargetAlias=x", "TargetPortalGroupTag=1", "TargetAddress=1.2.3.4"})
  void aKeyOfTheTargetIsAnErrorFromTheInitiator_13(String pair) {
    assertThatThrownBy(() -> negotiate(pair)).isInstanceOf(TextException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no equals sign", "=value", "Bad Key=1", "1Key=1"})
  void textThatIsNoPairIsAnError_6_1(String text) {
    assertThatThrownBy(() -> negotiate(text)).isInstanceOf(TextException.class);
  }
}
