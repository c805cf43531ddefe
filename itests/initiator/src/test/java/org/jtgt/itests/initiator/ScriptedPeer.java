// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A target of a few lines that plays one script over one connection. */
final class ScriptedPeer implements AutoCloseable {

  /** What the peer does with the connection; it ends with the script. */
  interface Script {
    void play(ScriptedPeer peer) throws IOException;
  }

  private final ServerSocketChannel server;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private @Nullable PduChannel channel;
  int statSn = 100;
  int expCmdSn = 1;
  int window = 32;

  private ScriptedPeer() throws IOException {
    server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  static ScriptedPeer playing(Script script) throws IOException {
    ScriptedPeer peer = new ScriptedPeer();
    Thread.ofVirtual()
        .start(() -> {
          try (PduChannel accepted = new PduChannel(peer.server.accept())) {
            peer.channel = accepted;
            script.play(peer);
            peer.done.complete(null);
          } catch (Throwable t) {
            peer.done.completeExceptionally(t);
          }
        });
    return peer;
  }

  InetSocketAddress portal() throws IOException {
    return (InetSocketAddress) server.getLocalAddress();
  }

  /** The connection, once it was accepted. */
  PduChannel channel() {
    return Objects.requireNonNull(channel);
  }

  Request next() throws IOException {
    return Request.of(channel().receive());
  }

  <T extends Request> T next(Class<T> kind) throws IOException {
    Request request = next();
    if (!request.toPdu().is(Field.IMMEDIATE) && !(request instanceof Request.DataOut)) {
      expCmdSn++;
    }
    return kind.cast(request);
  }

  /** Answers logins until the full feature phase: the operational stage with these keys. */
  void acceptLogin(TextKeys operational) throws IOException {
    while (true) {
      Request.Login login = next(Request.Login.class);
      boolean ends = login.csg() == LoginNegotiator.OPERATIONAL && login.transit();
      Pdu response =
          loginResponse(login)
              .with(Field.TRANSIT, login.transit())
              .with(Field.NSG, login.nsg())
              .with(Field.TSIH, ends ? 7 : 0)
              .withData((ends ? operational : TextKeys.EMPTY).encode());
      send(response);
      if (ends) {
        return;
      }
    }
  }

  Pdu loginResponse(Request.Login login) {
    return Pdu.of(Opcode.LOGIN_RESPONSE)
        .with(Field.CSG, login.csg())
        .with(Field.ISID, login.isid())
        .with(Field.ITT, login.itt());
  }

  /** A response PDU to this task tag. */
  Pdu response(int opcode, int itt) {
    return Pdu.of(opcode).with(Field.FINAL, true).with(Field.ITT, itt).with(Field.TTT, Pdu.NO_TAG);
  }

  /** Numbers a PDU that carries a status and sends it. */
  void send(Pdu pdu) throws IOException {
    sendUnnumbered(pdu);
    statSn++;
  }

  /** Sends a PDU with the next StatSN without using it up. */
  void sendUnnumbered(Pdu pdu) throws IOException {
    channel()
        .send(
            pdu.with(Field.STAT_SN, statSn)
                .with(Field.EXP_CMD_SN, expCmdSn)
                .with(Field.MAX_CMD_SN, expCmdSn + window - 1));
  }

  /** Answers a Logout Request. */
  void acceptLogout() throws IOException {
    send(response(Opcode.LOGOUT_RESPONSE, next(Request.Logout.class).itt()));
  }

  /** Waits for the script's end and throws what it threw. */
  void finish() throws InterruptedException {
    try {
      done.orTimeout(30, TimeUnit.SECONDS).get();
    } catch (ExecutionException e) {
      throw new AssertionError("the script failed", e.getCause());
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
