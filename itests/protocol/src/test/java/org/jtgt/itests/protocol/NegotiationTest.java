// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Fault;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operational keys; that an answer obeys its key's function is checked by every login. */
@ExtendWith(TargetUnderTest.class)
class NegotiationTest {

  @Test
  @Section("6.2")
  void an_unknown_key_is_answered_with_NotUnderstood(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("X-org.jtgt.itests", "1"))) {
      assertThat(session.loginKeys().first("X-org.jtgt.itests")).hasValue("NotUnderstood");
    }
  }

  @Test
  @Section("6.2")
  void every_negotiable_key_is_answered_unless_its_result_is_certain(TestedTarget target)
      throws Exception {
    // 6.2.2: Yes needs no answer where the function is OR; a declaration never does (6.2).
    Set<String> mayStayOpen =
        Set.of("MaxRecvDataSegmentLength", "InitialR2T", "DataPDUInOrder", "DataSequenceInOrder");
    try (Session session = target.login()) {
      for (TextKeys.Pair pair : session.options().operational().pairs()) {
        if (!mayStayOpen.contains(pair.key())) {
          assertThat(session.loginKeys().all(pair.key())).as(pair.key()).hasSize(1);
        }
      }
    }
  }

  @Test
  @Section("13.14")
  void FirstBurstLength_never_exceeds_MaxBurstLength(TestedTarget target) throws Exception {
    try (Session session =
        target.login(o -> o.with("MaxBurstLength", 4096).with("FirstBurstLength", 65536))) {
      assertThat(session.parameters().firstBurst()).isLessThanOrEqualTo(4096);
    } catch (LoginException refused) {
      assertThat(refused.status() >> 8).isEqualTo(2);
    }
  }

  @ParameterizedTest(name = "{0}={1} is answered with {2} to {3}")
  @Section("13")
  @CsvSource({
    "MaxBurstLength,512,512,512",
    "MaxBurstLength,16777215,512,16777215",
    "MaxBurstLength,0x1000,512,4096",
    "FirstBurstLength,512,512,512",
    "MaxOutstandingR2T,65535,1,65535",
    "MaxConnections,65535,1,65535",
    "DefaultTime2Wait,3600,3600,3600",
    "DefaultTime2Retain,3600,0,3600",
    "ErrorRecoveryLevel,2,0,2"
  })
  void a_number_is_answered_within_its_range(
      String key, String offer, int least, int most, TestedTarget target) throws Exception {
    // FirstBurstLength first: no offer may contradict itself (13.14).
    try (Session session = target.login(o -> o.with("FirstBurstLength", 512).with(key, offer))) {
      String answer = session.loginKeys().first(key).orElseThrow();
      assertThat(Integer.decode(answer)).isBetween(least, most);
    }
  }

  @ParameterizedTest(name = "{0}={1} is not agreed on")
  @Section("6.2, 13")
  @CsvSource({
    "MaxBurstLength,511",
    "MaxBurstLength,16777216",
    "FirstBurstLength,0",
    "MaxConnections,0",
    "MaxOutstandingR2T,0",
    "ErrorRecoveryLevel,3",
    "DefaultTime2Wait,3601",
    "InitialR2T,Perhaps",
    "ImmediateData,",
    "MaxBurstLength,many"
  })
  void an_illegal_value_is_rejected(String key, @Nullable String offer, TestedTarget target)
      throws Exception {
    String value = offer == null ? "" : offer;
    Throwable refusal =
        catchThrowable(() -> {
          try (Session session = target.login(o -> o.with(key, value))) {
            assertThat(session.loginKeys().first(key)).hasValue("Reject");
          }
        });
    if (refusal instanceof LoginException refused) {
      assertThat(refused.status() >> 8).isEqualTo(2);
    } else {
      assertThat(refusal).isNull();
    }
    target.mustServeOthers();
  }

  @ParameterizedTest(name = "HeaderDigest={0}, DataDigest={1}")
  @Section("11.2.3, 13.1")
  @CsvSource({
    "'CRC32C,None','None'",
    "'None','CRC32C,None'",
    "'CRC32C,None','CRC32C,None'",
    "'X-org.example,None','None,CRC32C'"
  })
  void one_of_the_offered_digests_is_chosen_and_used(
      String header, String data, TestedTarget target) throws Exception {
    try (Session session =
        target.login(o -> o.with("HeaderDigest", header).with("DataDigest", data))) {
      byte[] blocks = new byte[64 * 512];
      new Random(header.hashCode()).nextBytes(blocks);
      LogicalUnit disk = target.disk(session);
      disk.write(0, blocks, 512);
      assertThat(disk.read(0, 64, 512)).isEqualTo(blocks);
      session.connection().ping(new byte[] {1, 2, 3});
    }
  }

  @Test
  @Section("7.8, 11.17.1")
  void a_wrong_data_digest_is_rejected_or_ends_the_connection(TestedTarget target)
      throws Exception {
    try (Session session = target.login(o -> o.with("DataDigest", "CRC32C,None"))) {
      Assumptions.assumeTrue(session.parameters().digests().data(), "target has no data digest");
      session
          .connection()
          .channel()
          .send(ping(session, new byte[] {1, 2, 3, 4}), Fault.WRONG_DATA_DIGEST);
      Provocation result = Provocation.of(session.connection(), session.window().cmdSn() + 1);
      assertThat(result.refused()).isTrue();
      assertThat(result.rejects())
          .allSatisfy(r -> assertThat(r.reason()).isEqualTo(Response.Reject.DATA_DIGEST_ERROR));
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("7.7, 11.2.3")
  void a_wrong_header_digest_ends_the_connection(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("HeaderDigest", "CRC32C,None"))) {
      Assumptions.assumeTrue(
          session.parameters().digests().header(), "target has no header digest");
      session.connection().channel().send(ping(session, new byte[0]), Fault.WRONG_HEADER_DIGEST);
      assertThat(Provocation.of(session.connection(), 1).closed()).isTrue();
      session.drop();
    }
    target.mustServeOthers();
  }

  @ParameterizedTest(name = "MaxRecvDataSegmentLength={0}")
  @Section("13.12")
  @CsvSource({"512", "4096", "16777215"})
  void data_in_keeps_within_the_segment_length_that_the_initiator_declared(
      int bytes, TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("MaxRecvDataSegmentLength", bytes))) {
      // ScsiTask checks each segment against the declared length.
      assertThat(target.disk(session).read(0, 200, 512)).hasSize(200 * 512);
    }
  }

  @Test
  @Section("13.12")
  void a_segment_length_declared_in_the_full_feature_phase_holds_from_then_on(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      session.connection().text(TextKeys.of("MaxRecvDataSegmentLength", "1024"));
      assertThat(
              session
                  .execute(ScsiCommand.in(disk.lun(), Cdb.read10(0, 16), 16 * 512))
                  .requireGood()
                  .pdus(Response.DataIn.class))
          .allSatisfy(in -> assertThat(in.pdu().dataBytes()).isLessThanOrEqualTo(1024));
    }
  }

  private static Pdu ping(Session session, byte[] data) {
    return new Request.NopOut(
            false,
            0,
            0x99,
            Request.TTT_NONE,
            session.window().cmdSn(),
            session.connection().expStatSn(),
            data)
        .toPdu();
  }
}
