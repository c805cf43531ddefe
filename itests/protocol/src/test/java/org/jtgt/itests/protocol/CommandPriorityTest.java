// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.iscsi.embedded.IscsiServer;
import org.jtgt.itests.initiator.Attribute;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Session;
import org.jtgt.scsi.embedded.ScsiEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands of several priorities that wait for a store; the target runs in this process. */
class CommandPriorityTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:priority";
  private static final int FIRST_TAG = 0x1000;
  private static final int LOW = 80;
  private static final int HIGH = 8;

  /** Zeros that are read as often as the gate lets somebody through, in the order of asking. */
  private static final class Gated implements BlockingBackstore {
    final Semaphore gate = new Semaphore(0, true);

    @Override
    public String identity() {
      return "gated";
    }

    @Override
    public long sizeBytes() {
      return 1 << 20;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      gate.acquireUninterruptibly();
      target.put(new byte[target.remaining()]);
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) {
      source.position(source.limit());
    }

    @Override
    public void flush() {
      // Nothing is kept.
    }
  }

  /** At level 2 the later ones return status sooner in aggregate; at level 1 nothing is said. */
  @ParameterizedTest(name = "iSCSIProtocolLevel={0}")
  @Section("RFC 7144, SAM-5 8.7")
  @CsvSource({"2,true", "1,false"})
  void commands_of_a_higher_priority_are_answered_sooner_though_they_came_last(
      int level, boolean sooner) throws Exception {
    Gated store = new Gated();
    try (ScsiEngine engine = new ScsiEngine();
        IscsiServer server = IscsiServer.listen(new InetSocketAddress("127.0.0.1", 0))) {
      server.add(engine.target(TARGET, store));
      LoginOptions options =
          LoginOptions.normal(TestedTarget.freshInitiator(), TARGET)
              .with("iSCSIProtocolLevel", level);
      try (Session session = Session.login(server.address(), options).endingAbruptly()) {
        session.logicalUnit(0).clearUnitAttentions();
        Connection connection = session.connection();
        int cmdSn = session.window().cmdSn();
        for (int i = 0; i < LOW + HIGH; i++) {
          connection.channel().send(read(i, cmdSn + i, connection.expStatSn()));
        }
        // Its answer says that all of them have come.
        connection.channel().send(ping(cmdSn + LOW + HIGH, connection.expStatSn()));
        assertThat(connection.channel().receive().get(Field.ITT)).isEqualTo(FIRST_TAG - 1);
        double low = 0;
        double high = 0;
        for (int place = 0; place < LOW + HIGH; place++) {
          // One at a time: else those that have begun overtake each other as the processor likes.
          store.gate.release();
          Pdu answer = connection.channel().receive();
          assertThat(answer.get(Field.STATUS)).as(answer.toString()).isZero();
          if (answer.get(Field.ITT) < FIRST_TAG + LOW) {
            low += place;
          } else {
            high += place;
          }
        }
        assertThat(high / HIGH < low / LOW).isEqualTo(sooner);
      } finally {
        store.gate.release(LOW + HIGH);
      }
    }
  }

  private static Pdu read(int index, int cmdSn, int expStatSn) {
    return new Request.Command(
            false,
            true,
            true,
            false,
            Attribute.SIMPLE,
            0,
            FIRST_TAG + index,
            512,
            cmdSn,
            expStatSn,
            Cdb.read10(index, 1),
            new byte[0],
            new byte[0])
        .toPdu()
        .with(Field.PRIORITY, index < LOW ? 15 : 1);
  }

  private static Pdu ping(int cmdSn, int expStatSn) {
    return new Request.NopOut(
            true, 0, FIRST_TAG - 1, Request.TTT_NONE, cmdSn, expStatSn, new byte[1])
        .toPdu();
  }
}
