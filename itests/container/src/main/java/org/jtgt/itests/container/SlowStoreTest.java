// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jtgt.itests.doubles.SlowStoreControl;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** A store that answers nothing for as long as the test wants: everything else goes on. */
class SlowStoreTest {
  /** More than there are worker threads, less than a session's command window. */
  private static final int OUTSTANDING = 48;

  private static final int BLOCKS = 8;

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private SlowStoreControl slow;

  @BeforeEach
  void begin() {
    container = new Container(context, configurationAdmin);
  }

  @AfterEach
  void end() throws Exception {
    if (slow != null) {
      slow.release();
    }
    container.close();
  }

  /** LUN 0 slow; LUN 1 inline; LUN 2 blocking like the slow one, and fast. */
  private Disk serve(String completion) throws Exception {
    Disk disk =
        new Disk(container, context, "slow")
            .with(
                "org.jtgt.itests.doubles.slow",
                Map.of("size", "1M", "completion", completion),
                Map.of())
            .with("org.jtgt.backstore.memory", Map.of("size", "1M"), Map.of())
            .with("org.jtgt.itests.doubles.slow", Map.of("size", "1M"), Map.of())
            .serve();
    slow = disk.control(0, SlowStoreControl.class);
    return disk;
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocking", "asynchronous"})
  void aStoreThatDoesNotAnswerDisturbsNoOtherLunOfItsSessionNorOtherSessions(String completion)
      throws Exception {
    Disk disk = serve(completion);
    try (Session session = disk.login();
        Session other = disk.login()) {
      List<LogicalUnit> fast =
          List.of(
              session.logicalUnit(1),
              session.logicalUnit(2),
              other.logicalUnit(1),
              other.logicalUnit(2));
      for (LogicalUnit unit : fast) {
        unit.clearUnitAttentions();
      }
      slow.hold();
      byte[] data = new byte[BLOCKS * 512];
      new Random(31).nextBytes(data);
      List<ScsiTask> waiting = new ArrayList<>();
      for (int i = 0; i < OUTSTANDING; i++) {
        ScsiCommand command =
            i % 2 == 0
                ? ScsiCommand.out(0, Cdb.write16(i * BLOCKS, BLOCKS), data)
                : ScsiCommand.in(0, Cdb.read16(i * BLOCKS, BLOCKS), data.length);
        waiting.add(session.submit(command));
      }
      Container.eventually(() -> {
        assertThat(slow.held()).isPositive();
        return true;
      });
      for (LogicalUnit unit : fast) {
        for (int i = 0; i < OUTSTANDING; i++) {
          unit.write(i * BLOCKS, data, 512);
          assertThat(unit.read(i * BLOCKS, BLOCKS, 512)).isEqualTo(data);
        }
      }
      // What needs no store is answered on the slow one too.
      session.logicalUnit(0).inquiry();
      session.connection().ping(new byte[] {1, 2, 3});
      assertThat(slow.held()).as("it has not answered yet").isPositive();
      slow.release();
      for (ScsiTask task : waiting) {
        session.connection().await(task).requireGood();
      }
      assertThat(session.logicalUnit(0).read(0, BLOCKS, 512)).isEqualTo(data);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocking", "asynchronous"})
  void aWriteThatNeverEndsDoesNotKeepItsInitiatorOutNorLandOnNewerData(String completion)
      throws Exception {
    Disk disk = serve(completion);
    Configuration engine = configurationAdmin.getConfiguration("org.jtgt.scsi", "?");
    engine.update(Container.dictionary(Map.of("abortSeconds", 1)));
    try {
      byte[] old = new byte[BLOCKS * 512];
      byte[] newer = new byte[BLOCKS * 512];
      new Random(32).nextBytes(old);
      new Random(33).nextBytes(newer);
      LoginOptions port = LoginOptions.normal("iqn.2026-11.org.jtgt.itests:stuck", disk.target());
      disk.login().close();
      Session session = Session.login(disk.portal(), port);
      session.logicalUnit(0).clearUnitAttentions();
      slow.hold();
      session.submit(ScsiCommand.out(0, Cdb.write16(0, BLOCKS), old));
      Container.eventually(() -> {
        assertThat(slow.held()).isEqualTo(1);
        return true;
      });
      // No answer to the reset, but an end.
      assertThatThrownBy(() ->
              session
                  .connection()
                  .taskManagement(TaskFunction.LOGICAL_UNIT_RESET, session.logicalUnit(0).lun()))
          .isInstanceOf(ConnectionClosedException.class);
      session.drop();
      // The same initiator port is back at once; its other disk works, this one waits where it
      // must.
      try (Session again = Session.login(disk.portal(), port.withIsid(session.isid()))) {
        again.logicalUnit(0).clearUnitAttentions();
        again.logicalUnit(1).clearUnitAttentions();
        again.logicalUnit(1).write(0, newer, 512);
        ScsiTask write = again.submit(ScsiCommand.out(0, Cdb.write16(0, BLOCKS), newer));
        assertThat(again.logicalUnit(1).read(0, BLOCKS, 512)).isEqualTo(newer);
        assertThat(write.result()).as("the late write is before it").isEmpty();
        assertThat(slow.held()).as("nothing passed it").isEqualTo(1);
        slow.release();
        again.connection().await(write).requireGood();
        assertThat(again.logicalUnit(0).read(0, BLOCKS, 512)).isEqualTo(newer);
      }
    } finally {
      engine.delete();
    }
  }
}
