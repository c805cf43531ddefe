// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell.socket;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.threadio.ThreadIO;
import org.jline.reader.Completer;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on {@code <state>/jtgt.sock} and gives each connection its own session and thread. */
@Component(
    immediate = true,
    service = {})
public final class CommandSocket {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.shell.socket");
  private static final String NAME = "jtgt.sock";

  private final Sessions sessions;
  private final Optional<Path> path;
  private final Optional<ServerSocketChannel> server;
  private final Collection<SocketChannel> clients = ConcurrentHashMap.newKeySet();

  /**
   * @throws IOException when the socket cannot be made; the message says why
   */
  @Activate
  public CommandSocket(
      BundleContext context,
      @Reference CommandProcessor processor,
      @Reference ThreadIO threadIo,
      @Reference(target = "(osgi.command.scope=tgt)") Completer completer)
      throws IOException {
    Optional<Path> state =
        Optional.ofNullable(context.getProperty("org.jtgt.state.dir"))
            .map(p -> Path.of(p).toAbsolutePath().normalize());
    sessions = new Sessions(processor, threadIo, completer, state.map(s -> s.resolve("history")));
    path = state.map(s -> s.resolve(NAME));
    server = path.isPresent() ? Optional.of(listen(path.get())) : Optional.empty();
    server.ifPresent(s -> start("jtgt-socket", () -> accept(s)));
  }

  @Deactivate
  void deactivate() throws IOException {
    if (server.isPresent()) {
      Files.deleteIfExists(path.orElseThrow());
      server.get().close();
    }
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  /**
   * Made inside a folder that is the owner's alone and moved when only its owner can open it: at no
   * time can another user connect, whatever the umask.
   */
  private static ServerSocketChannel listen(Path path) throws IOException {
    Path safe = Files.createTempDirectory(path.getParent(), ".sock");
    try {
      Files.setPosixFilePermissions(safe, PosixFilePermissions.fromString("rwx------"));
      Path fresh = safe.resolve("s");
      var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.bind(UnixDomainSocketAddress.of(fresh));
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        return channel;
      } catch (IOException e) {
        channel.close();
        Files.deleteIfExists(fresh);
        throw new IOException(
            "the command socket " + path + " cannot be made: " + e.getMessage(), e);
      }
    } finally {
      Files.deleteIfExists(safe);
    }
  }

  private void accept(ServerSocketChannel from) {
    while (from.isOpen()) {
      try {
        SocketChannel client = from.accept();
        clients.add(client);
        start("jtgt-command", () -> serve(client));
      } catch (ClosedChannelException stopping) {
        return;
      } catch (IOException e) {
        LOG.warn("The command socket cannot accept a connection: {}", e.getMessage());
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      sessions.serve(new Frames(client));
    } catch (IOException disconnected) {
      LOG.debug("A client of the command socket left", disconnected);
    } finally {
      clients.remove(client);
    }
  }

  private static void start(String name, Runnable work) {
    Thread.ofPlatform().daemon().name(name).start(work);
  }
}
