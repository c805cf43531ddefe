// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.felix.gogo.jline.Parser;
import org.apache.felix.service.command.CommandSession;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;

/** An interactive session: JLine edits lines on the terminal at the other end of the socket. */
final class TerminalSession {
  private static final String PROMPT = "tgt> ";
  private static final Set<String> LEAVE = Set.of("exit", "quit", "logout");
  private static final int PIPE_BYTES = 64 << 10;

  private final Sessions sessions;
  private final Completer commands;
  private final Optional<Path> history;

  TerminalSession(Sessions sessions, Completer commands, Optional<Path> history) {
    this.sessions = sessions;
    this.commands = commands;
    this.history = history;
  }

  /** Serves the terminal until its user leaves. */
  int run(Frames frames) throws IOException {
    Frames.Frame first =
        frames.next().filter(f -> f.kind() == 's').orElseThrow(() -> new IOException("no size"));
    String[] size = first.text().split(" ", 3);
    var typed = new PipedOutputStream();
    var input = new PipedInputStream(typed, PIPE_BYTES);
    try (Terminal terminal =
        new ExternalTerminal("jtgt", size[2], input, frames.stream('o'), StandardCharsets.UTF_8)) {
      terminal.setSize(size(size));
      Thread.ofPlatform()
          .daemon()
          .name("jtgt-command-input")
          .start(() -> pump(frames, terminal, typed));
      loop(terminal);
    }
    return 0;
  }

  private static Size size(String[] columnsAndRows) {
    return new Size(Integer.parseInt(columnsAndRows[0]), Integer.parseInt(columnsAndRows[1]));
  }

  /** Moves what the client sends into the terminal until it closes. */
  private static void pump(Frames frames, Terminal terminal, PipedOutputStream typed) {
    try (typed) {
      for (Optional<Frames.Frame> f = frames.next(); f.isPresent(); f = frames.next()) {
        switch (f.get().kind()) {
          case 'd' -> {
            typed.write(f.get().bytes());
            typed.flush();
          }
          case 's' -> {
            terminal.setSize(size(f.get().text().split(" ", 3)));
            terminal.raise(Terminal.Signal.WINCH);
          }
          default -> {
            return;
          }
        }
      }
    } catch (IOException clientOrSessionIsGone) {
      return;
    }
  }

  private void loop(Terminal terminal) {
    InputStream in = terminal.input();
    PrintStream out = new PrintStream(terminal.output(), true, StandardCharsets.UTF_8);
    try (CommandSession session = sessions.open(in, out, out)) {
      LineReaderBuilder builder =
          LineReaderBuilder.builder()
              .appName("jtgt")
              .terminal(terminal)
              .parser(new Parser())
              .completer((reader, line, found) -> complete(session, reader, line, found))
              .option(LineReader.Option.AUTO_PARAM_SLASH, false)
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
      history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
      LineReader reader = builder.build();
      out.println("jtgt. help explains the commands, Tab completes, exit leaves.");
      while (true) {
        try {
          String line = reader.readLine(PROMPT).strip();
          if (LEAVE.contains(line)) {
            return;
          }
          sessions.execute(session, line, out, out);
          out.flush();
        } catch (UserInterruptException nextLine) {
          continue;
        } catch (EndOfFileException leaves) {
          return;
        }
      }
    }
  }

  private void complete(
      CommandSession session, LineReader reader, ParsedLine line, List<Candidate> candidates) {
    commands.complete(reader, line, candidates);
    if (line.wordIndex() == 0 && session.get(".commands") instanceof Set<?> all) {
      var names = new TreeSet<String>();
      all.forEach(name -> names.add(name.toString()));
      names.removeIf(name -> name.startsWith("tgt:"));
      names.forEach(name -> candidates.add(new Candidate(name)));
    }
  }
}
