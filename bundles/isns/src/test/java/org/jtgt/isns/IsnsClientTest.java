// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.spi.AnnouncedPortal;
import org.jtgt.iscsi.spi.AnnouncedTarget;
import org.jtgt.isns.message.Function;
import org.jtgt.isns.message.Message;
import org.jtgt.isns.message.Tag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client over TCP, with a server of our own. */
class IsnsClientTest {
  private final NameServer database = new NameServer();
  private final List<AnnouncedTarget> offered = new CopyOnWriteArrayList<>();
  private ListeningNameServer server;
  private @Nullable IsnsClient started;

  @BeforeEach
  void listen() throws IOException {
    server = new ListeningNameServer(database, 0);
    offer("t0");
  }

  @AfterEach
  void end() throws IOException {
    if (started != null) {
      started.close();
    }
    server.close();
  }

  private void offer(String name) {
    var portal =
        new AnnouncedPortal(
            "p", new InetSocketAddress(InetAddress.getLoopbackAddress(), 3260), 1, "");
    offered.add(new AnnouncedTarget("iqn.2026-11.org.jtgt:" + name, name, "", List.of(portal)));
  }

  private IsnsClient start(int period, int esiSeconds) {
    return start(server.port(), period, esiSeconds);
  }

  private IsnsClient start(int port, int period, int esiSeconds) {
    IsnsClient client =
        new IsnsClient(
            InetAddress.getLoopbackAddress().getHostAddress(),
            port,
            new Registration.Terms("host", period, esiSeconds),
            0,
            reached -> Inventory.of(List.copyOf(offered), target -> true, reached));
    started = client;
    return client;
  }

  @Test
  void itRegistersFollowsChangesAndDeregisters() throws Exception {
    IsnsClient client = start(300, 0);
    server.await(s -> s.nodes().size() == 1);

    offer("t1");
    client.changed();
    server.await(s -> s.nodes().size() == 2);

    offered.removeFirst();
    client.changed();
    server.await(s -> s.nodes().keySet().equals(java.util.Set.of("iqn.2026-11.org.jtgt:t1")));

    client.close();
    server.with(s -> assertThat(s.entities).isEmpty());
  }

  @Test
  void itRegistersAgainWhenTheServerHasRestarted() throws Exception {
    start(300, 0);
    server.await(s -> s.nodes().size() == 1);
    int port = server.port();
    server.close();
    server = new ListeningNameServer(new NameServer(), port);

    server.await(s -> s.nodes().size() == 1);
  }

  @Test
  void itWaitsForAServerThatComesLater() throws Exception {
    int port = server.port();
    server.close();
    server = new ListeningNameServer(database, port);
    server.close();
    start(port, 300, 0);
    server = new ListeningNameServer(database, port);

    server.await(s -> s.nodes().size() == 1);
  }

  @Test
  void itRefreshesWithinThePeriodAndRegistersWhatTheServerForgot() throws Exception {
    start(3, 0);
    server.await(s -> s.functions().contains(Function.DEV_ATTR_QRY));
    server.with(s -> s.entities.clear());

    server.await(s -> s.nodes().size() == 1);
  }

  @Test
  void itAnswersInquiriesOnItsConnectionAndOnItsPort() throws Exception {
    start(300, 10);
    server.await(s -> s.nodes().size() == 1);
    server.inquire();

    int[] port = new int[1];
    server.with(s ->
        port[0] =
            s.entity("host").portals.values().iterator().next().attribute(Tag.ESI_PORT).asNumber());
    try (Socket asks = new Socket(InetAddress.getLoopbackAddress(), port[0])) {
      Message inquiry = ListeningNameServer.inquiry();
      inquiry.writeTo(asks.getOutputStream(), true);
      Message answer = Message.readFrom(asks.getInputStream());
      assertThat(answer.function()).isEqualTo(Function.ESI | Function.RESPONSE);
      assertThat(answer.status()).isZero();
      assertThat(answer.attributes()).isEqualTo(inquiry.attributes());
    }
  }

  @Test
  void aRefusalIsToldAndTriedAgain() throws Exception {
    server.with(s -> s.refuseNext = 11);
    IsnsClient client = start(300, 0);

    server.await(s -> s.nodes().size() == 1);
    assertThat(client.known().targets().size()).isLessThanOrEqualTo(1);
  }
}
