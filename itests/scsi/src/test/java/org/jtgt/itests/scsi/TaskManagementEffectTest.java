// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Attribute;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What task management does to tasks: an aborted one never answers and never writes late. */
@ExtendWith(DaemonUnderTest.class)
class TaskManagementEffectTest {
  private static final long LBA = 4096;
  private static final int BLOCKS = 8;

  @ParameterizedTest(name = "function {0}")
  @Section("SAM-5 7.2, 7.3, 7.5, 7.7, RFC 7143 11.5.1")
  @ValueSource(ints = {1, 2, 4, 5})
  void an_aborted_write_takes_no_late_data_and_gives_no_late_answer(int function, Daemon daemon)
      throws Exception {
    try (Host a = host(daemon)) {
      byte[] before = a.disk().read(LBA, BLOCKS, 512);
      ScsiTask write = waitingWrite(a, filled(before[0] + 1));
      Connection connection = a.session().connection();
      int response =
          function == TaskFunction.ABORT_TASK
              ? connection.abort(write)
              : connection.taskManagement(function, a.disk().lun());
      assertThat(response).isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      connection.forget(write);
      List<Response> late = new ArrayList<>();
      connection.observe(pdu -> {
        if (pdu.itt() == write.itt()) {
          late.add(pdu);
        }
      });
      sendLate(a, write);
      a.attentions();
      assertThat(a.disk().read(LBA, BLOCKS, 512)).isEqualTo(before);
      connection.ping(new byte[] {1});
      assertThat(late).isEmpty();
    }
  }

  @Test
  @Section("SAM-5 7.3, 5.14.1")
  void ABORT_TASK_SET_ends_the_tasks_of_its_own_nexus_only(Daemon daemon) throws Exception {
    try (Host a = host(daemon);
        Host b = host(daemon)) {
      ScsiTask mine = waitingWrite(a, filled(0x11));
      ScsiTask theirs = waitingWrite(b, filled(0x22));
      Connection connection = a.session().connection();
      assertThat(connection.taskManagement(TaskFunction.ABORT_TASK_SET, a.disk().lun()))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      connection.forget(mine);
      b.session().connection();
      answer(b, theirs);
      b.session().connection().await(theirs).requireGood();
      assertThat(a.attentions()).isEmpty();
      assertThat(b.attentions()).isEmpty();
      assertThat(a.disk().read(LBA, BLOCKS, 512)).isEqualTo(filled(0x22));
    }
  }

  @Test
  @Section("SAM-5 7.5, 5.6, SPC-4 7.5.7 (TST, TAS)")
  void CLEAR_TASK_SET_ends_the_tasks_of_all_and_tells_the_others(Daemon daemon) throws Exception {
    try (Host a = host(daemon);
        Host b = host(daemon)) {
      // Control mode page byte 2: TST 000b, one task set; byte 5 bit 6: TAS.
      byte[] control = modePage(a, 0x0a);
      ScsiTask theirs = waitingWrite(b, filled(0x33));
      assertThat(
              a.session().connection().taskManagement(TaskFunction.CLEAR_TASK_SET, a.disk().lun()))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      boolean tas = (control[5] & 0x40) != 0;
      if (tas) {
        assertThat(b.session().connection().await(theirs).status())
            .isEqualTo(ScsiResult.TASK_ABORTED);
        assertThat(b.attentions()).isEmpty();
      } else {
        b.session().connection().forget(theirs);
        assertThat(b.attentions())
            .as("COMMANDS CLEARED BY ANOTHER INITIATOR")
            .containsExactly(0x2f00);
      }
      assertThat(a.attentions()).isEmpty();
    }
  }

  @Test
  @Section("SAM-5 7.7, 6.3.3")
  void LOGICAL_UNIT_RESET_ends_the_tasks_of_every_nexus(Daemon daemon) throws Exception {
    try (Host a = host(daemon);
        Host b = host(daemon);
        Host elsewhere = host(daemon, Daemon.OTHER)) {
      byte[] before = a.disk().read(LBA, BLOCKS, 512);
      ScsiTask theirs = waitingWrite(b, filled(before[0] + 1));
      ScsiTask untouched = waitingWrite(elsewhere, filled(0x44));
      UnitAttentionTest.reset(a);
      b.session().connection().forget(theirs);
      sendLate(b, theirs);
      assertThat(b.attentions().getFirst() >> 8).isEqualTo(0x29);
      a.attentions();
      assertThat(a.disk().read(LBA, BLOCKS, 512)).isEqualTo(before);
      answer(elsewhere, untouched);
      elsewhere.session().connection().await(untouched).requireGood();
    }
  }

  @Test
  @Section("SAM-5 7.6, 6.3.4")
  void I_T_NEXUS_RESET_ends_what_this_nexus_began_everywhere(Daemon daemon) throws Exception {
    try (Host a = host(daemon);
        Host b = host(daemon)) {
      ScsiTask mine = waitingWrite(a, filled(0x55));
      ScsiTask theirs = waitingWrite(b, filled(0x66));
      Connection connection = a.session().connection();
      int response = connection.taskManagement(TaskFunction.I_T_NEXUS_RESET, a.disk().lun());
      if (response == TaskFunction.FUNCTION_NOT_SUPPORTED) {
        // RFC 7144 4: only where iSCSIProtocolLevel 2 was negotiated.
        assertThat(connection.abort(mine)).isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      } else {
        assertThat(response).isEqualTo(TaskFunction.FUNCTION_COMPLETE);
        connection.forget(mine);
        assertThat(a.attentions()).as("I_T NEXUS LOSS OCCURRED").contains(0x2907);
      }
      answer(b, theirs);
      b.session().connection().await(theirs).requireGood();
      assertThat(b.attentions()).isEmpty();
    }
  }

  @Test
  @Section("SAM-5 7.9, 7.10")
  void QUERY_TASK_and_QUERY_TASK_SET_see_a_task_as_long_as_it_is_there(Daemon daemon)
      throws Exception {
    try (Host a = host(daemon)) {
      Connection connection = a.session().connection();
      ScsiTask write = waitingWrite(a, filled(0x77));
      int task =
          connection.taskManagement(
              TaskFunction.QUERY_TASK, a.disk().lun(), write.itt(), write.cmdSn());
      int set = connection.taskManagement(TaskFunction.QUERY_TASK_SET, a.disk().lun());
      answer(a, write);
      connection.await(write).requireGood();
      if (task != TaskFunction.FUNCTION_NOT_SUPPORTED) {
        assertThat(task).isEqualTo(TaskFunction.FUNCTION_SUCCEEDED);
        assertThat(set).isEqualTo(TaskFunction.FUNCTION_SUCCEEDED);
        assertThat(
                connection.taskManagement(
                    TaskFunction.QUERY_TASK, a.disk().lun(), write.itt(), write.cmdSn()))
            .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
        assertThat(connection.taskManagement(TaskFunction.QUERY_TASK_SET, a.disk().lun()))
            .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      }
    }
  }

  @Test
  @Section("SAM-5 8.6.3, 8.6.4")
  void an_ORDERED_task_waits_for_older_ones_and_newer_ones_wait_for_it(Daemon daemon)
      throws Exception {
    try (Host a = host(daemon)) {
      List<Integer> ends = new ArrayList<>();
      Connection connection = a.session().connection();
      connection.observe(pdu -> {
        if (pdu.carriesStatus()) {
          ends.add(pdu.itt());
        }
      });
      ScsiTask older = waitingWrite(a, filled(0x12));
      ScsiTask ordered = submit(a, Cdb.testUnitReady(), Attribute.ORDERED);
      ScsiTask newer = submit(a, Cdb.testUnitReady(), Attribute.SIMPLE);
      ScsiTask head = submit(a, Cdb.testUnitReady(), Attribute.HEAD_OF_QUEUE);
      connection.await(head).requireGood();
      assertThat(ends).as("HEAD OF QUEUE waits for nobody").containsExactly(head.itt());
      answer(a, older);
      connection.await(newer).requireGood();
      assertThat(ends).containsExactly(head.itt(), older.itt(), ordered.itt(), newer.itt());
    }
  }

  @Test
  @Section("SAM-5 8.6.3")
  void ORDERED_writes_under_load_leave_the_last_one_on_the_medium(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host load = Host.of(daemon, Daemon.DISK)) {
      Connection connection = a.session().connection();
      for (int round = 0; round < 20; round++) {
        List<ScsiTask> noise = new ArrayList<>();
        List<ScsiTask> writes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          noise.add(
              load.session().submit(ScsiCommand.in(load.disk().lun(), Cdb.read10(i, 8), 4096)));
          writes.add(
              a.session()
                  .submit(
                      ScsiCommand.out(
                              a.disk().lun(), Cdb.write10(LBA, BLOCKS), filled(round * 8 + i))
                          .withAttribute(Attribute.ORDERED)));
        }
        ScsiTask read =
            a.session()
                .submit(
                    ScsiCommand.in(a.disk().lun(), Cdb.read10(LBA, BLOCKS), BLOCKS * 512)
                        .withAttribute(Attribute.ORDERED));
        for (ScsiTask write : writes) {
          connection.await(write).requireGood();
        }
        assertThat(connection.await(read).requireGood().data()).isEqualTo(filled(round * 8 + 7));
        for (ScsiTask task : noise) {
          load.session().connection().await(task).requireGood();
        }
      }
    }
  }

  @Test
  @Section("SAM-5 8.2, 5.3.1")
  void ACA_is_refused_where_it_is_not_offered(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      boolean normAca = (a.disk().inquiry()[3] & 0x20) != 0;
      byte[] bad = Cdb.read10(0, 1);
      bad[9] = 0x04; // NACA
      ScsiResult result = a.disk().in(bad, 512);
      if (!normAca) {
        Host.requireCheck(result, 5, 0x2400);
      } else {
        result.requireGood();
      }
    }
  }

  // ---- tasks that wait for their data ----------------------------------------------------------

  private static Host host(Daemon daemon) throws IOException {
    return host(daemon, Daemon.DISK);
  }

  /** A host whose writes wait for R2T. */
  private static Host host(Daemon daemon, int lun) throws IOException {
    UnaryOperator<LoginOptions> solicited =
        options -> options.with("ImmediateData", "No").with("InitialR2T", "Yes");
    return Host.of(daemon, lun, Daemon.FIRST, Host.freshName(), solicited);
  }

  private static byte[] filled(int value) {
    byte[] data = new byte[BLOCKS * 512];
    Arrays.fill(data, (byte) value);
    return data;
  }

  private static ScsiTask waitingWrite(Host host, byte[] data) throws IOException {
    ScsiTask write =
        host.session()
            .submit(
                ScsiCommand.out(host.disk().lun(), Cdb.write10(LBA, BLOCKS), data).leavingR2ts());
    host.session().connection().awaitR2ts(write, 1, Connection.TIMEOUT);
    return write;
  }

  private static void answer(Host host, ScsiTask write) throws IOException {
    write.answer(write.openR2ts().getFirst(), host.session().connection());
  }

  /** The data of a task that is gone: the target may not write it (RFC 7143 11.5.1). */
  private static void sendLate(Host host, ScsiTask write) throws IOException {
    for (Response.R2t r2t : write.openR2ts()) {
      write.answer(r2t, host.session().connection());
    }
  }

  private static ScsiTask submit(Host host, byte[] cdb, int attribute) throws IOException {
    return host.session().submit(ScsiCommand.none(host.disk().lun(), cdb).withAttribute(attribute));
  }

  private static byte[] modePage(Host host, int page) throws IOException {
    byte[] data = host.disk().in(Cdb.modeSense10(0, page, 0, 512), 512).requireGood().data();
    int descriptors = (data[6] & 0xff) << 8 | data[7] & 0xff;
    return Arrays.copyOfRange(data, 8 + descriptors, data.length);
  }
}
