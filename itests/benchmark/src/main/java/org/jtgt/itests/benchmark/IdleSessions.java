// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.ClassHistogram;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;

/**
 * Holds sessions that do nothing but answer pings while its standard input says so: a line {@code
 * open} begins them, {@code close} ends them, {@code end} ends the program. It answers each line
 * with one, the first with how much live heap of the target each of them takes.
 */
public final class IdleSessions {
  /** Pings come each 30 s and want an answer within 15. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final long pid;
  private final InetSocketAddress portal;
  private final String target;
  private final int count;
  private final List<Session> sessions = new ArrayList<>();

  private IdleSessions(long pid, InetSocketAddress portal, String target, int count) {
    this.pid = pid;
    this.portal = portal;
    this.target = target;
    this.count = count;
  }

  /** Arguments: process of the target, port, name of the target, number of sessions. */
  public static void main(String... args) throws IOException, InterruptedException {
    IdleSessions idle =
        new IdleSessions(
            Long.parseLong(args[0]),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])),
            args[2],
            Integer.parseInt(args[3]));
    System.out.println(idle.size());
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = idle.next(lines); !line.equals("end"); line = idle.next(lines)) {
      idle.close();
      if (line.equals("open")) {
        idle.open(1, idle.count);
      }
      System.out.println(line);
    }
    idle.close();
  }

  /** What each takes, seen before anything is measured: looking collects garbage. */
  private String size() throws IOException {
    // The first one brings classes and buffers that every further one shares.
    open(0, 1);
    long before = ClassHistogram.of(pid).bytes();
    open(1, count);
    long each = (ClassHistogram.of(pid).bytes() - before) / count;
    close();
    return count + " idle sessions, live heap of each: " + each + " bytes";
  }

  private void open(int first, int number) throws IOException {
    for (int i = first; i < first + number; i++) {
      Session session =
          Session.login(
              portal, LoginOptions.normal("iqn.2026-11.org.jtgt.itests:idle" + i, target));
      session.logicalUnit(0).clearUnitAttentions();
      sessions.add(session);
    }
  }

  private void close() throws IOException {
    for (Session session : sessions) {
      session.logout();
    }
    sessions.clear();
  }

  /** Waits for a line, answering pings now and then, so that others have the processors. */
  private String next(BufferedReader lines) throws IOException, InterruptedException {
    for (long left = 0; !lines.ready(); left -= 20) {
      if (left <= 0) {
        for (Session session : sessions) {
          while (session.connection().hasInput()) {
            session.connection().receive(PAUSE);
          }
        }
        left = PAUSE.toMillis();
      }
      if (ProcessHandle.current().parent().filter(ProcessHandle::isAlive).isEmpty()) {
        return "end";
      }
      Thread.sleep(20);
    }
    return lines.readLine();
  }
}
