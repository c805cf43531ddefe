// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.iscsi.embedded.IscsiServer;
import org.jtgt.itests.initiator.Discovery;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.jtgt.scsi.ScsiTarget;
import org.jtgt.scsi.embedded.Disk;
import org.jtgt.scsi.embedded.ScsiEngine;
import org.junit.jupiter.api.Test;

/** The target inside a program: plain jars on a class path, no container, no files. */
class EmbeddedTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:embedded";
  private static final int BYTES = 1 << 20;

  private static IscsiServer listen() throws IOException {
    return IscsiServer.listen(new InetSocketAddress("127.0.0.1", 0));
  }

  private static Session login(IscsiServer server) throws IOException {
    Session session =
        Session.login(server.address(), LoginOptions.normal(TestedTarget.freshInitiator(), TARGET));
    session.logicalUnit(0).clearUnitAttentions();
    return session;
  }

  private static byte[] block(int value) {
    byte[] block = new byte[512];
    Arrays.fill(block, (byte) value);
    return block;
  }

  @Test
  void storesOfAProgramAreServedThenFlushedAndLeftAlone() throws Exception {
    ArrayStore inline = ArrayStore.inline(BYTES);
    ArrayStore blocking = new ArrayStore(BYTES, Completion.BLOCKING);
    InetSocketAddress address;
    try (ScsiEngine engine = new ScsiEngine();
        IscsiServer server = listen()) {
      server.add(engine.target(TARGET, inline, blocking));
      address = server.address();
      try (Session session = login(server)) {
        for (int lun = 0; lun < 2; lun++) {
          LogicalUnit unit = session.logicalUnit(lun);
          unit.clearUnitAttentions();
          assertThat(unit.capacity().blocks()).isEqualTo(BYTES / 512);
          unit.write(7, block(lun + 1), 512);
          assertThat(unit.read(7, 1, 512)).isEqualTo(block(lun + 1));
        }
      }
    }
    for (ArrayStore store : List.of(inline, blocking)) {
      assertThat(store.asked()).endsWith(Operation.FLUSH);
    }
    assertThat(inline.bytes()[7 * 512]).isEqualTo((byte) 1);
    assertThat(blocking.bytes()[7 * 512]).isEqualTo((byte) 2);
    try (ServerSocket again = new ServerSocket()) {
      again.setReuseAddress(true);
      again.bind(address);
    }
    // A thread that has been told to end needs a moment for it.
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("jtgt-scsi")) {
        thread.join(20_000);
        assertThat(thread.isAlive()).as("%s is left", thread.getName()).isFalse();
      }
    }
  }

  @Test
  void discoveryShowsThePortThatWasFree() throws Exception {
    try (ScsiEngine engine = new ScsiEngine();
        IscsiServer server = listen()) {
      server.add(engine.target(TARGET, ArrayStore.inline(BYTES)));
      assertThat(Discovery.discover(server.address(), TestedTarget.freshInitiator()))
          .singleElement()
          .satisfies(found -> {
            assertThat(found.name()).isEqualTo(TARGET);
            assertThat(found.addresses())
                .containsExactly("127.0.0.1:" + server.address().getPort() + ",1");
          });
    }
  }

  @Test
  void aTargetGoesWhileAnotherIsUsed() throws Exception {
    ArrayStore store = ArrayStore.inline(BYTES);
    try (ScsiEngine engine = new ScsiEngine();
        IscsiServer server = listen()) {
      server.add(engine.target(TARGET, ArrayStore.inline(BYTES)));
      ScsiTarget other = engine.target(TARGET + ":other", store);
      server.add(other);
      try (Session session = login(server)) {
        server.remove(other);
        engine.remove(other);
        int asked = store.asked().size();
        session.logicalUnit(0).write(0, block(1), 512);
        assertThat(store.asked()).hasSize(asked);
        assertThatThrownBy(() ->
                Session.login(
                    server.address(),
                    LoginOptions.normal(TestedTarget.freshInitiator(), TARGET + ":other")))
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void aDiskIsTheSameForInitiatorsWhenTheProgramSaysSo() throws Exception {
    Disk disk = new Disk(ArrayStore.inline(BYTES), "mine", "serial-7", 0x3123456789abcdefL);
    try (ScsiEngine engine = new ScsiEngine();
        IscsiServer server = listen()) {
      server.add(engine.target(TARGET, List.of(disk)));
      try (Session session = login(server)) {
        byte[] page = session.logicalUnit(0).vpd(0x80);
        assertThat(new String(page, 4, page.length - 4)).isEqualTo("serial-7");
      }
    }
  }

  @Test
  void aTakenPortIsToldAtOnce() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      InetSocketAddress address = new InetSocketAddress("127.0.0.1", taken.getLocalPort());
      assertThatThrownBy(() -> IscsiServer.listen(address))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
    }
  }
}
