// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionsTest {
  /** Commands as Gogo finds them. */
  public static final class Echo {
    public void say(CommandSession session, String... words) {
      session.put("tgt.status", words.length == 0 ? 2 : 0);
      System.out.println(String.join("|", words));
      System.err.println("errors");
    }

    public void fail(CommandSession session, String... words) {
      throw new IllegalStateException("first line\nsecond line");
    }
  }

  /** Two pipes, seen from one end. */
  private record End(ReadableByteChannel in, WritableByteChannel out) implements ByteChannel {
    @Override
    public int read(ByteBuffer buffer) throws IOException {
      return in.read(buffer);
    }

    @Override
    public int write(ByteBuffer buffer) throws IOException {
      return out.write(buffer);
    }

    @Override
    public boolean isOpen() {
      return in.isOpen();
    }

    @Override
    public void close() throws IOException {
      in.close();
      out.close();
    }
  }

  private final ThreadIOImpl threadIo = new ThreadIOImpl();
  private Sessions sessions;
  private End client;
  private End server;

  @BeforeEach
  void start() throws IOException {
    threadIo.start();
    var processor = new CommandProcessorImpl(threadIo);
    processor.addCommand("tgt", new Echo(), "say");
    processor.addCommand("tgt", new Echo(), "fail");
    sessions =
        new Sessions(processor, threadIo, (reader, line, candidates) -> {}, Optional.empty());
    Pipe there = Pipe.open();
    Pipe back = Pipe.open();
    client = new End(back.source(), there.sink());
    server = new End(there.source(), back.sink());
  }

  @AfterEach
  void stop() throws IOException {
    threadIo.stop();
    client.close();
    server.close();
  }

  private List<String> exchange(char mode, String... frames) throws IOException {
    client.write(ByteBuffer.wrap(new byte[] {(byte) mode}));
    var out = new Frames(client);
    for (String frame : frames) {
      out.write(frame.charAt(0), frame.substring(1));
    }
    out.write('e', "");
    sessions.serve(new Frames(server));
    server.out().close();
    var answers = new ArrayList<String>();
    for (var frame = out.next(); frame.isPresent(); frame = out.next()) {
      answers.add(frame.get().kind() + frame.get().text());
    }
    return answers;
  }

  @Test
  void aCommandGetsItsWordsAsTheyAreAndAnswersWithItsOutputAndStatus() throws IOException {
    assertThat(exchange('C', "wsay", "wa b", "w$x{*}", "wsize=1G"))
        .containsExactly("oa b|$x{*}|size=1G\n", "xerrors\n", "q0");
  }

  @Test
  void theStatusOfTheCommandIsTheExitStatus() throws IOException {
    assertThat(exchange('C', "wsay")).last().isEqualTo("q2");
  }

  @Test
  void anUnknownCommandIsAUsageError() throws IOException {
    assertThat(exchange('C', "wnothing"))
        .containsExactly("xjtgt: there is no command 'nothing'; see jtgt help\n", "q2");
  }

  @Test
  void anExceptionIsOneLine() throws IOException {
    assertThat(exchange('C', "wfail")).containsExactly("xfail: first line\n", "q1");
  }

  @Test
  void aScriptIsRunLineByLineAndItsWorstStatusCounts() throws IOException {
    List<String> answers = exchange('S', "d# a comment\nsay one two=3\n\nsay\nsay l", "dast\n");

    assertThat(answers.stream().filter(a -> a.startsWith("o")).toList())
        .containsExactly("oone|two=3\n", "o\n", "olast\n");
    assertThat(answers).last().isEqualTo("q2");
  }

  @Test
  void whatIsNoFrameEndsTheConnection() throws IOException {
    client.write(ByteBuffer.wrap(new byte[] {'C', 'w', 127, 127, 127, 127}));

    org.assertj.core.api.Assertions.assertThatThrownBy(() -> sessions.serve(new Frames(server)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a frame of");
  }
}
