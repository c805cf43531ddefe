// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Drives all sessions of a workload from one thread. One session is read in blocking mode, several
 * through a selector. An open loop polls without waiting: its clock has to be exact, and costs a
 * processor. What goes over another session in the background has a thread of its own, so that the
 * load itself does not wait where the target need not.
 */
final class LeanLoad {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Between slices the background waits for its answers, then looks whether it shall end. */
  private static final Duration BACKGROUND_SLICE = Duration.ofMillis(250);

  private final Subject subject;
  private final Workload work;
  private final Histogram latencies = new Histogram();
  private final List<Lane> lanes = new ArrayList<>();
  private final List<Thread> backgrounds = new ArrayList<>();
  private volatile boolean backgroundEnds;
  private volatile IOException backgroundFailure;
  private long ended;

  /**
   * What had ended by a time, and what it had cost. Taken before the load waits for what is in
   * flight: a slow background would make the measured part look as slow.
   */
  private record Mark(long nanos, long ios, double targetSeconds, long ownNanos) {}

  private LeanLoad(Subject subject, Workload work) {
    this.subject = subject;
    this.work = work;
  }

  /** Runs a workload: first for {@code warmUp} without counting, then counted. */
  static Measurement run(
      Subject subject, Workload work, int round, Duration warmUp, Duration counted)
      throws IOException {
    return new LeanLoad(subject, work).run(round, warmUp, counted);
  }

  private Measurement run(int round, Duration warmUp, Duration counted) throws IOException {
    try {
      for (int i = 0; i < work.connections(); i++) {
        lanes.add(
            new Lane(subject, work, work.sameSession() ? work.background() : null, i, latencies));
      }
      if (work.background() != null && !work.sameSession()) {
        startBackground();
      }
      drive(warmUp.toNanos());
      latencies.reset();
      Mark begin = mark();
      Mark end = drive(counted.toNanos());
      long ios = end.ios - begin.ios;
      double own = (end.ownNanos - begin.ownNanos) / 1e3;
      double target = (end.targetSeconds - begin.targetSeconds) * 1e6;
      return new Measurement(
          subject.name(),
          work.name(),
          round,
          ios,
          (end.nanos - begin.nanos) / 1e9,
          work.blockBytes(),
          latencies.nanosAt(0.5) / 1e3,
          latencies.nanosAt(0.99) / 1e3,
          latencies.nanosAt(0.999) / 1e3,
          latencies.maxNanos() / 1e3,
          own / Math.max(1, ios),
          target / Math.max(1, ios),
          subject.residentKib());
    } finally {
      endBackground();
      for (Lane lane : lanes) {
        lane.close();
      }
    }
  }

  private void startBackground() throws IOException {
    Lane lane =
        new Lane(subject, work.withDepth(0), work.background(), work.connections(), latencies);
    backgrounds.add(
        Thread.ofPlatform()
            .daemon()
            .name("background")
            .start(() -> {
              try (lane) {
                while (!backgroundEnds) {
                  keepUp(lane, System.nanoTime() + BACKGROUND_SLICE.toNanos());
                  drain(lane);
                }
              } catch (IOException failure) {
                backgroundFailure = failure;
              }
            }));
  }

  private void endBackground() throws IOException {
    backgroundEnds = true;
    for (Thread thread : backgrounds) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (backgroundFailure != null) {
      throw new IOException("the background load failed", backgroundFailure);
    }
  }

  private long completed() {
    ended = 0;
    lanes.forEach(lane -> ended += lane.completed());
    return ended;
  }

  private Mark mark() throws IOException {
    return new Mark(
        System.nanoTime(), completed(), subject.cpuSeconds(), THREADS.getCurrentThreadCpuTime());
  }

  /** Keeps the load up for a time, then waits for what is in flight; tells what was until then. */
  private Mark drive(long nanos) throws IOException {
    long end = System.nanoTime() + nanos;
    if (work.perSecond() > 0) {
      driveOpen(end);
      return mark();
    }
    if (lanes.size() > 1) {
      return driveMany(end);
    }
    Lane lane = lanes.getFirst();
    keepUp(lane, end);
    Mark mark = mark();
    drain(lane);
    return mark;
  }

  private static void keepUp(Lane lane, long end) throws IOException {
    lane.socket().configureBlocking(true);
    for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
      lane.fill(now);
      lane.flush();
      lane.receive();
    }
  }

  private static void drain(Lane lane) throws IOException {
    while (!lane.idle()) {
      lane.flush();
      lane.receive();
    }
  }

  private Mark driveMany(long end) throws IOException {
    Mark mark;
    try (Selector selector = Selector.open()) {
      for (Lane lane : lanes) {
        lane.socket().configureBlocking(false);
        SelectionKey key = lane.socket().register(selector, SelectionKey.OP_READ, lane);
        lane.fill(System.nanoTime());
        send(key, lane);
      }
      while (System.nanoTime() < end) {
        selector.select(key -> serve(key, end), 100);
      }
      mark = mark();
      while (!lanes.stream().allMatch(Lane::idle)) {
        selector.select(key -> serve(key, end), 100);
      }
    }
    for (Lane lane : lanes) {
      lane.socket().configureBlocking(true);
    }
    return mark;
  }

  private static void serve(SelectionKey key, long end) {
    Lane lane = (Lane) key.attachment();
    try {
      if (key.isReadable()) {
        lane.receive();
      }
      long now = System.nanoTime();
      if (now < end) {
        lane.fill(now);
      }
      send(key, lane);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void send(SelectionKey key, Lane lane) throws IOException {
    boolean sent = !lane.hasOutput() || lane.flush();
    int wanted = SelectionKey.OP_READ | (sent ? 0 : SelectionKey.OP_WRITE);
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
  }

  /** Sends at the intended times; a command that has to wait counts from its intended time. */
  private void driveOpen(long end) throws IOException {
    for (Lane lane : lanes) {
      lane.socket().configureBlocking(false);
    }
    double interval = 1e9 / work.perSecond();
    long begin = System.nanoTime();
    long sent = 0;
    int next = 0;
    boolean busy = true;
    while (busy) {
      long now = System.nanoTime();
      long due = begin + (long) (sent * interval);
      for (int tried = 0; due <= now && due < end && tried < lanes.size(); ) {
        Lane lane = lanes.get(next);
        next = (next + 1) % lanes.size();
        if (lane.mayStart()) {
          lane.start(due);
          due = begin + (long) (++sent * interval);
          tried = 0;
        } else {
          tried++;
        }
      }
      busy = due < end;
      for (Lane lane : lanes) {
        if (lane.hasOutput()) {
          lane.flush();
        }
        lane.receive();
        busy |= !lane.idle();
      }
    }
    for (Lane lane : lanes) {
      lane.socket().configureBlocking(true);
    }
  }
}
