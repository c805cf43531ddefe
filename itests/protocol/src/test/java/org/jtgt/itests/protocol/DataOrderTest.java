// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DataPDUInOrder=No, DataSequenceInOrder=No, and what additional header segments carry. */
@ExtendWith(TargetUnderTest.class)
class DataOrderTest {
  private static final int BLOCK_BYTES = TestedTarget.BLOCK_BYTES;
  private static final int PART = 1024;
  private static final long LBA = 6000;

  private final byte[] data = new byte[64 * BLOCK_BYTES];

  DataOrderTest() {
    new Random(7143).nextBytes(data);
  }

  private static Session login(TestedTarget target) throws IOException {
    Session session =
        target.login(o ->
            o.with("DataPDUInOrder", "No")
                .with("DataSequenceInOrder", "No")
                .with("MaxOutstandingR2T", 4)
                .with("ImmediateData", "No")
                .with("MaxBurstLength", 8192)
                .with("FirstBurstLength", 8192));
    assertThat(session.parameters().dataPduInOrder()).isFalse();
    assertThat(session.parameters().dataSequenceInOrder()).isFalse();
    return session;
  }

  private ScsiTask write(Connection connection, TestedTarget target) throws IOException {
    ScsiTask task =
        connection.submit(
            ScsiCommand.out(
                    Lun.of(target.disk()), Cdb.write16(LBA, data.length / BLOCK_BYTES), data)
                .leavingR2ts());
    return task;
  }

  private void answer(Connection connection, ScsiTask task, Response.R2t r2t, List<Integer> offsets)
      throws IOException {
    int dataSn = 0;
    for (int offset : offsets) {
      connection
          .channel()
          .send(
              new Request.DataOut(
                      dataSn == offsets.size() - 1,
                      task.command().lun(),
                      task.itt(),
                      r2t.ttt(),
                      connection.expStatSn(),
                      dataSn++,
                      offset,
                      Arrays.copyOfRange(data, offset, offset + PART))
                  .toPdu());
    }
  }

  private static List<Integer> offsets(Response.R2t r2t) {
    List<Integer> offsets = new ArrayList<>();
    for (long at = r2t.offset(); at < r2t.offset() + r2t.desiredBytes(); at += PART) {
      offsets.add((int) at);
    }
    return offsets;
  }

  @Test
  @Section("13.18, 13.19, 11.7.5")
  void PDUs_and_sequences_may_come_in_any_order(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      LogicalUnit disk = target.disk(session);
      Connection connection = session.connection();
      Random random = new Random(7143);
      ScsiTask task = write(connection, target);
      connection.awaitR2ts(task, 4, Duration.ofSeconds(20));
      for (Response.R2t r2t : task.openR2ts().reversed()) {
        List<Integer> offsets = offsets(r2t);
        Collections.shuffle(offsets, random);
        answer(connection, task, r2t, offsets);
      }
      connection.await(task).requireGood();
      assertThat(disk.read(LBA, 64, BLOCK_BYTES)).isEqualTo(data);
      session.logout();
    }
  }

  @Test
  @Section("13.18, 7.9")
  void a_part_that_comes_twice_instead_of_another_is_never_good(TestedTarget target)
      throws Exception {
    try (Session session = login(target)) {
      target.disk(session);
      Connection connection = session.connection();
      ScsiTask task = write(connection, target);
      connection.awaitR2ts(task, 4, Duration.ofSeconds(20));
      for (Response.R2t r2t : task.openR2ts()) {
        List<Integer> offsets = offsets(r2t);
        offsets.set(3, offsets.get(4));
        answer(connection, task, r2t, offsets);
      }
      assertThat(connection.await(task).isGood()).isFalse();
      session.logout();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("11.2.2.4, 11.4.1, 11.4.5")
  void a_bidirectional_command_counts_both_residuals(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      target.disk(session);
      // XDWRITEREAD (10), which no one has to support.
      byte[] cdb = {0x53, 0, 0, 0, 0, 0, 0, 0, 1, 0};
      ScsiResult result =
          session.execute(
              ScsiCommand.out(Lun.of(target.disk()), cdb, new byte[512]).withDataIn(1024));
      if (result.isGood()) {
        assertThat(result.data()).hasSize(512);
      } else {
        Response last = result.pdus().getLast();
        assertThat(last.pdu().is(Field.BIDI_READ_UNDERFLOW)).isTrue();
        assertThat(last.pdu().getInt(Field.BIDI_READ_RESIDUAL_COUNT)).isEqualTo(1024);
        assertThat(last.pdu().is(Field.UNDERFLOW)).isTrue();
        assertThat(last.pdu().getInt(Field.RESIDUAL_COUNT)).isEqualTo(512);
      }
      session.connection().ping(new byte[4]);
      session.logout();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 32, 64, 255})
  @Section("11.2.2.3, SPC-4 4.2.3")
  void an_extended_CDB_of_no_command_is_an_illegal_request(int bytes, TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      byte[] cdb = new byte[bytes];
      cdb[0] = 0x7f;
      cdb[7] = (byte) (bytes - 8);
      cdb[8] = (byte) 0xff;
      cdb[9] = (byte) 0xfe;
      ScsiResult result = disk.none(cdb);
      assertThat(result.sense().orElseThrow().key()).as("sense key").isEqualTo(5);
      disk.testUnitReady().requireGood();
      session.logout();
    }
  }
}
