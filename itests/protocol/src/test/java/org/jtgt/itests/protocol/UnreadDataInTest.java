// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.iscsi.embedded.IscsiServer;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.jtgt.scsi.embedded.ScsiEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An initiator that asks for much and does not read its socket; the target runs in this process.
 */
@Timeout(60)
class UnreadDataInTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:unread";
  private static final int BLOCK_BYTES = 512;
  private static final int READ_BYTES = 8 << 20;

  private static final int READS = 16;

  /** Half of what they ask for, and a quarter of the engine's budget. */
  private static final long BOUND_BYTES = 64L << 20;

  private static long usedBytes() {
    return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  private static Session login(IscsiServer server) throws Exception {
    Session session =
        Session.login(server.address(), LoginOptions.normal(TestedTarget.freshInitiator(), TARGET));
    session.logicalUnit(0).clearUnitAttentions();
    return session;
  }

  @Test
  void whatAnInitiatorDoesNotReadStaysWithinTheBudgetAndHoldsNobodyUp() throws Exception {
    ArrayStore store = ArrayStore.inline(READ_BYTES);
    new Random(7).nextBytes(store.bytes());
    byte[] all = store.bytes().clone();
    long before = usedBytes();
    try (ScsiEngine engine = new ScsiEngine();
        IscsiServer server = IscsiServer.listen(new InetSocketAddress("127.0.0.1", 0))) {
      server.add(engine.target(TARGET, store));
      try (Session greedy = login(server);
          Session other = login(server)) {
        List<ScsiTask> reads = new ArrayList<>();
        for (int i = 0; i < READS; i++) {
          reads.add(
              greedy.submit(
                  ScsiCommand.in(Lun.of(0), Cdb.read16(0, READ_BYTES / BLOCK_BYTES), READ_BYTES)));
        }
        while (usedBytes() < before + READ_BYTES) {
          Thread.onSpinWait();
        }
        LogicalUnit unit = other.logicalUnit(0);
        for (int i = 0; i < 64; i++) {
          assertThat(unit.read(i, 1, BLOCK_BYTES))
              .isEqualTo(Arrays.copyOfRange(all, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
          assertThat(usedBytes() - before).isLessThan(BOUND_BYTES);
        }
        for (ScsiTask read : reads) {
          byte[] data = greedy.connection().await(read).data();
          assertThat(data.length).isEqualTo(READ_BYTES);
          assertThat(Arrays.equals(data, all)).isTrue();
          assertThat(usedBytes() - before).isLessThan(BOUND_BYTES);
        }
      }
    }
  }
}
