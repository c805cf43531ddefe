// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.threadio.ThreadIO;
import org.jline.reader.Completer;

/** Runs what a client asks for in a Gogo session of its own. */
final class Sessions {
  /** Where the commands of scope {@code tgt} leave their exit status. */
  private static final String STATUS = "tgt.status";

  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private final CommandProcessor processor;
  private final ThreadIO threadIo;
  private final Completer completer;
  private final Optional<Path> history;

  Sessions(
      CommandProcessor processor, ThreadIO threadIo, Completer completer, Optional<Path> history) {
    this.processor = processor;
    this.threadIo = threadIo;
    this.completer = completer;
    this.history = history;
  }

  /** Serves one connection to its end. */
  void serve(Frames frames) throws IOException {
    char mode = frames.mode();
    int status =
        switch (mode) {
          case 'C' -> command(frames);
          case 'S' -> script(frames);
          case 'T' -> new TerminalSession(this, completer, history).run(frames);
          default -> throw new IOException("an unknown mode " + mode);
        };
    frames.write('q', Integer.toString(status));
  }

  /** A session that finds the commands of jtgt first and takes words as they are written. */
  CommandSession open(InputStream in, PrintStream out, PrintStream err) {
    CommandSession session = processor.createSession(in, out, err);
    session.put("SCOPE", "tgt:gogo:felix:*");
    session.put(CommandSession.OPTION_NO_GLOB, true);
    return session;
  }

  private int command(Frames frames) throws IOException {
    List<Object> words = new ArrayList<>();
    for (Optional<Frames.Frame> f = frames.next(); ; f = frames.next()) {
      if (f.isEmpty() || f.get().kind() == 'e') {
        break;
      }
      words.add(f.get().text());
    }
    PrintStream out = print(frames, 'o');
    PrintStream err = print(frames, 'x');
    try (CommandSession session = open(InputStream.nullInputStream(), out, err)) {
      String name = words.isEmpty() ? "help" : (String) words.removeFirst();
      Object found = session.get(name.contains(":") ? name : "tgt:" + name);
      if (!(found instanceof Function command)) {
        err.println("jtgt: there is no command '" + name + "'; see jtgt help");
        return USAGE;
      }
      threadIo.setStreams(InputStream.nullInputStream(), out, err);
      try {
        show(session, out, command.execute(session, words));
        return status(session);
      } catch (Exception e) {
        err.println(name + ": " + line(e));
        return FAILED;
      } finally {
        threadIo.close();
        out.flush();
        err.flush();
      }
    }
  }

  private int script(Frames frames) throws IOException {
    var text = new StringBuilder();
    for (Optional<Frames.Frame> f = frames.next(); ; f = frames.next()) {
      if (f.isEmpty() || f.get().kind() == 'e') {
        break;
      }
      text.append(f.get().text());
    }
    PrintStream out = print(frames, 'o');
    PrintStream err = print(frames, 'x');
    int worst = 0;
    try (CommandSession session = open(InputStream.nullInputStream(), out, err)) {
      for (String line : text.toString().lines().toList()) {
        worst = Math.max(worst, execute(session, line, out, err));
      }
    }
    out.flush();
    err.flush();
    return worst;
  }

  /** Runs one line of Gogo. */
  int execute(CommandSession session, String line, PrintStream out, PrintStream err) {
    if (line.isBlank() || line.stripLeading().startsWith("#")) {
      return 0;
    }
    session.put(STATUS, 0);
    try {
      show(session, out, session.execute(line));
      return status(session);
    } catch (Exception e) {
      err.println(line(e));
      return FAILED;
    }
  }

  private static void show(CommandSession session, PrintStream out, Object result) {
    if (result != null) {
      out.println(session.format(result, Converter.INSPECT));
    }
  }

  private static int status(CommandSession session) {
    return session.get(STATUS) instanceof Integer status ? status : 0;
  }

  private static String line(Exception e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse(message);
  }

  private static PrintStream print(Frames frames, char kind) {
    return new PrintStream(
        new java.io.BufferedOutputStream(frames.stream(kind)), true, StandardCharsets.UTF_8);
  }
}
