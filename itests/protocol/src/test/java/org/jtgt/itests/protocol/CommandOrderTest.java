// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jtgt.itests.initiator.Attribute;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Serial;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Command numbering and the command window. */
@ExtendWith(TargetUnderTest.class)
class CommandOrderTest {

  @Test
  @Section("4.2.2.1")
  void a_command_waits_until_those_before_it_have_come(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      Connection connection = session.connection();
      int first = session.window().cmdSn();
      Provocation early =
          Provocation.of(connection, first, testUnitReady(disk, session, 0x22, first + 1, false));
      assertThat(early.seen()).as("answers before the gap is filled").isEmpty();
      assertThat(early.fence().orElseThrow().expCmdSn()).isEqualTo(first);

      connection.channel().send(testUnitReady(disk, session, 0x11, first, false));
      List<Integer> answered = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        answered.add(Response.of(connection.channel().receive()).itt());
      }
      assertThat(answered).containsExactlyInAnyOrder(0x11, 0x22);
      session.drop();
    }
  }

  @Test
  @Section("4.2.2.1")
  void a_write_before_a_read_is_executed_first_although_it_comes_later(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      disk.write(50, new byte[512], 512);
      int first = session.window().cmdSn();
      byte[] data = new byte[512];
      Arrays.fill(data, (byte) 0x77);
      Connection connection = session.connection();
      // ORDERED: the task set executes in the order in which the session delivers.
      Pdu read =
          new Request.Command(
                  false,
                  true,
                  true,
                  false,
                  Attribute.ORDERED,
                  disk.lun(),
                  0x22,
                  512,
                  first + 1,
                  connection.expStatSn(),
                  Cdb.read10(50, 1),
                  new byte[0],
                  new byte[0])
              .toPdu();
      Pdu write =
          new Request.Command(
                  false,
                  true,
                  false,
                  true,
                  Attribute.ORDERED,
                  disk.lun(),
                  0x11,
                  512,
                  first,
                  connection.expStatSn(),
                  Cdb.write10(50, 1),
                  new byte[0],
                  data)
              .toPdu();
      connection.channel().send(read);
      connection.channel().send(write);
      byte[] seen = new byte[0];
      boolean written = false;
      while (seen.length == 0 || !written) {
        Response response = Response.of(connection.channel().receive());
        if (response instanceof Response.DataIn in) {
          seen = in.pdu().data();
        }
        written |= response.itt() == 0x11;
      }
      assertThat(seen).isEqualTo(data);
      session.drop();
    }
  }

  @Test
  @Section("4.2.2.1, 11.3.1.1")
  void an_immediate_command_does_not_wait_for_a_gap(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      int first = session.window().cmdSn();
      Connection connection = session.connection();
      connection.channel().send(testUnitReady(disk, session, 0x22, first + 1, false));
      connection.channel().send(testUnitReady(disk, session, 0x33, first, true));
      // An immediate SCSI command may be refused for lack of resources (11.17.1), not be delayed.
      Response response = Response.of(connection.channel().receive());
      if (response instanceof Response.Reject reject) {
        assertThat(reject.reason()).isEqualTo(Response.Reject.IMMEDIATE_COMMAND_REJECT);
      } else {
        assertThat(response.itt()).isEqualTo(0x33);
      }
      assertThat(response.expCmdSn()).isEqualTo(first);
      session.drop();
    }
  }

  @ParameterizedTest(name = "CmdSN {0} beyond the window")
  @Section("4.2.2.1")
  @ValueSource(ints = {1, 2, 1000, 0x3fffffff})
  void a_command_beyond_the_window_is_silently_ignored(int beyond, TestedTarget target)
      throws Exception {
    ignored(target, session -> session.window().maxCmdSn() + beyond);
  }

  @ParameterizedTest(name = "CmdSN {0} below ExpCmdSN")
  @Section("4.2.2.1")
  @ValueSource(ints = {1, 2, 1000})
  void a_command_below_the_window_is_silently_ignored(int below, TestedTarget target)
      throws Exception {
    ignored(target, session -> session.window().cmdSn() - below);
  }

  @Test
  @Section("4.2.2.1")
  void the_whole_window_can_be_used(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      assertThat(session.window().room()).isPositive();
      for (int round = 0; round < 5; round++) {
        List<ScsiTask> tasks = new ArrayList<>();
        int room = Math.min(session.window().room(), 4096);
        for (int i = 0; i < room; i++) {
          tasks.add(session.submit(ScsiCommand.in(disk.lun(), Cdb.read10(i, 1), 512)));
        }
        for (ScsiTask task : tasks) {
          ScsiResult result = session.connection().await(task);
          assertThat(result.isGood() || result.status() == ScsiResult.TASK_SET_FULL)
              .as(result.toString())
              .isTrue();
        }
      }
    }
  }

  @Test
  @Section("4.2.2.1")
  void MaxCmdSN_and_ExpCmdSN_never_go_back_on_a_connection(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      int[] last = {session.window().expCmdSn(), session.window().maxCmdSn()};
      session
          .connection()
          .observe(response -> {
            assertThat(Serial.lessThan(response.expCmdSn(), last[0])).isFalse();
            assertThat(Serial.lessThan(response.maxCmdSn(), last[1])).isFalse();
            last[0] = response.expCmdSn();
            last[1] = response.maxCmdSn();
          });
      for (int round = 0; round < 20; round++) {
        List<ScsiTask> tasks = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
          tasks.add(
              session.submit(
                  i % 3 == 0
                      ? ScsiCommand.out(disk.lun(), Cdb.write10(i * 8, 8), new byte[4096])
                      : ScsiCommand.in(disk.lun(), Cdb.read10(i * 8, 8), 4096)));
        }
        for (ScsiTask task : tasks) {
          session.connection().await(task);
        }
      }
      session.connection().ping(new byte[0]);
      assertThat(last[0]).isEqualTo(session.window().cmdSn());
    }
  }

  @ParameterizedTest(name = "initial CmdSN {0}")
  @Section("4.2.2.1")
  @ValueSource(ints = {0, 1, 0x7ffffffe, 0xfffffffe})
  void numbers_start_anywhere_and_wrap(int start, TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.withCmdSn(start))) {
      LogicalUnit disk = target.disk(session);
      for (int i = 0; i < 40; i++) {
        disk.testUnitReady().requireGood();
      }
    }
  }

  @ParameterizedTest(name = "ATTR {0}")
  @Section("11.3.1.2")
  @ValueSource(ints = {0, 1, 2, 3})
  void every_task_attribute_but_ACA_is_executed(int attribute, TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      session
          .execute(ScsiCommand.in(disk.lun(), Cdb.read10(0, 1), 512).withAttribute(attribute))
          .requireGood();
    }
  }

  @Test
  @Section("4.2.2.1")
  void commands_that_arrive_in_one_segment_are_all_executed(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      List<Pdu> pdus = new ArrayList<>();
      int first = session.window().cmdSn();
      int count = Math.min(16, session.window().room());
      for (int i = 0; i < count; i++) {
        pdus.add(testUnitReady(disk, session, 0x500 + i, first + i, false));
      }
      session.connection().channel().sendTogether(pdus);
      List<Integer> tags = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        tags.add(Response.of(session.connection().channel().receive()).itt() - 0x500);
      }
      assertThat(tags).doesNotHaveDuplicates().allMatch(t -> t >= 0 && t < count);
      session.drop();
    }
  }

  @Test
  @Section("4.2.2.1")
  void commands_that_arrive_byte_by_byte_are_executed(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      byte[] wire =
          testUnitReady(disk, session, 0x22, session.window().cmdSn(), false)
              .encode(session.parameters().digests());
      for (byte b : wire) {
        session.connection().channel().sendRaw(new byte[] {b});
      }
      Response response = Response.of(session.connection().channel().receive());
      assertThat(response.itt()).isEqualTo(0x22);
      assertThat(response.pdu().get(Field.STATUS)).isZero();
      session.drop();
    }
  }

  private interface Number {
    int of(Session session);
  }

  private static void ignored(TestedTarget target, Number number) throws IOException {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      Pdu outside = testUnitReady(disk, session, 0x22, number.of(session), false);
      Provocation result = Provocation.of(session.connection(), session.window().cmdSn(), outside);
      assertThat(result.seen()).isEmpty();
      assertThat(result.fence()).isPresent();
      int cmdSn = session.window().cmdSn();
      Pdu inside = testUnitReady(disk, session, 0x33, cmdSn, false);
      session.connection().channel().send(inside);
      assertThat(Response.of(session.connection().channel().receive()).itt()).isEqualTo(0x33);
      assertThat(Provocation.of(session.connection(), cmdSn + 1).seen()).isEmpty();
      session.drop();
    }
  }

  private static Pdu testUnitReady(
      LogicalUnit disk, Session session, int itt, int cmdSn, boolean immediate) {
    return new Request.Command(
            immediate,
            true,
            false,
            false,
            Attribute.SIMPLE,
            disk.lun(),
            itt,
            0,
            cmdSn,
            session.connection().expStatSn(),
            Cdb.testUnitReady(),
            new byte[0],
            new byte[0])
        .toPdu();
  }
}
