// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.ClassHistogram;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;

/**
 * Holds sessions that do nothing but answer pings, until its standard input ends; says how much
 * live heap of the target each of them takes.
 */
public final class IdleSessions {
  /** Pings come each 30 s and want an answer within 15. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private IdleSessions() {}

  /** Arguments: process of the target, port, name of the target, number of sessions. */
  public static void main(String... args) throws IOException, InterruptedException {
    long pid = Long.parseLong(args[0]);
    InetSocketAddress portal =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
    int count = Integer.parseInt(args[3]);
    List<Session> sessions = new ArrayList<>();
    // The first one brings classes and buffers that every further one shares.
    sessions.add(login(portal, args[2], 0));
    long before = ClassHistogram.of(pid).bytes();
    for (int i = 1; i <= count; i++) {
      sessions.add(login(portal, args[2], i));
    }
    long each = (ClassHistogram.of(pid).bytes() - before) / count;
    System.out.println(count + " idle sessions, live heap of each: " + each + " bytes");
    while (!toEnd()) {
      for (Session session : sessions) {
        session.connection().listen(Duration.ofMillis(1));
      }
    }
    for (Session session : sessions) {
      session.drop();
    }
  }

  /** Waits for a while, so that whoever is measured has the processors; true when it is over. */
  private static boolean toEnd() throws IOException, InterruptedException {
    for (long left = PAUSE.toMillis(); left > 0; left -= 100) {
      if (System.in.available() > 0) {
        return true;
      }
      Thread.sleep(100);
    }
    return ProcessHandle.current().parent().filter(ProcessHandle::isAlive).isEmpty();
  }

  private static Session login(InetSocketAddress portal, String target, int number)
      throws IOException {
    Session session =
        Session.login(
            portal, LoginOptions.normal("iqn.2026-11.org.jtgt.itests:idle" + number, target));
    session.logicalUnit(0).clearUnitAttentions();
    return session;
  }
}
