// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.fault;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.filter.Dispatch;
import org.jtgt.backstore.filter.FilterBackstore;
import org.jtgt.backstore.filter.FilteredIo;

/** Does to I/Os what the rules say. */
final class FaultyStore extends FilterBackstore implements DrainNotice, AutoCloseable {
  private final Dispatch dispatch;
  private final Random random;
  private final Set<Held> held = new LinkedHashSet<>();
  private List<Rule> rules;
  private int drains;
  private boolean closed;

  FaultyStore(Backstore below, Dispatch dispatch, List<Rule> rules, Random random) {
    super(below);
    this.dispatch = dispatch;
    this.rules = rules;
    this.random = random;
  }

  /** Other rules; what an old one held back is done now. */
  void change(List<Rule> changed) {
    synchronized (this) {
      rules = changed;
    }
    letGo();
  }

  @Override
  public Completion completion() {
    return Completion.ASYNCHRONOUS;
  }

  /** What is to be done with one I/O. */
  private record Verdict(Duration delay, @Nullable Rule last) {}

  @Override
  public void submit(StoreIo io) {
    Verdict verdict = judge(io);
    if (verdict.delay().isZero()) {
      carryOut(io, verdict.last());
    } else {
      hold(new Held(io, verdict.last()), verdict.delay());
    }
  }

  /** An I/O that waits for its time, or for good; told apart by identity. */
  private static final class Held {
    final StoreIo io;
    final @Nullable Rule rule;

    Held(StoreIo io, @Nullable Rule rule) {
      this.io = io;
      this.rule = rule;
    }
  }

  private void hold(Held one, @Nullable Duration time) {
    synchronized (this) {
      if (drains == 0 && !closed) {
        held.add(one);
        if (time != null) {
          dispatch.after(time, () -> letGo(one));
        }
        return;
      }
    }
    carryOut(one.io, one.rule);
  }

  private void letGo(Held one) {
    synchronized (this) {
      if (!held.remove(one)) {
        return;
      }
    }
    carryOut(one.io, one.rule);
  }

  private synchronized Verdict judge(StoreIo io) {
    Duration delay = Duration.ZERO;
    for (Rule rule : rules) {
      if (rule.strikes(io, random)) {
        if (!(rule.action() instanceof Action.Delay(Duration time))) {
          return new Verdict(delay, rule);
        }
        delay = delay.plus(time);
      }
    }
    return new Verdict(delay, null);
  }

  private void carryOut(StoreIo io, @Nullable Rule rule) {
    if (rule == null) {
      dispatch.submit(io);
      return;
    }
    switch (rule.action()) {
      case Action.Fail(Kind kind) -> io.fail(failure(kind, io, rule));
      case Action.Tear(long bytes) -> tear(io, bytes);
      case Action.Lose() -> io.complete();
      case Action.Hang() -> hold(new Held(io, null), null);
      case Action.Delay(Duration alreadyOver) -> dispatch.submit(io);
    }
  }

  private static BackstoreException failure(Kind kind, StoreIo io, Rule rule) {
    String message = "fault: %s at byte %d".formatted(io.operation(), io.offsetBytes());
    return kind == Kind.MEDIA && io.operation() != StoreIo.Operation.FLUSH
        ? BackstoreException.media(message, rule.badByte(io), null)
        : BackstoreException.of(kind, message);
  }

  private void letGo() {
    List<Held> free;
    synchronized (this) {
      free = new ArrayList<>(held);
      held.clear();
    }
    free.forEach(one -> carryOut(one.io, one.rule));
  }

  private void tear(StoreIo io, long bytes) {
    long kept = Math.min(bytes, io.lengthBytes()) / blockBytes() * blockBytes();
    var torn =
        BackstoreException.of(
            Kind.OTHER,
            "fault: WRITE at byte %d torn after %d bytes".formatted(io.offsetBytes(), kept));
    if (kept == 0) {
      io.fail(torn);
    } else {
      dispatch.submit(new TornIo(io, kept, torn));
    }
  }

  /** The first bytes of a write. */
  private static final class TornIo extends FilteredIo {
    private final long bytes;
    private final BackstoreException failure;
    private final ByteBuffer[] parts;

    TornIo(StoreIo above, long bytes, BackstoreException failure) {
      super(above);
      this.bytes = bytes;
      this.failure = failure;
      List<ByteBuffer> first = new ArrayList<>();
      long left = bytes;
      for (int i = 0; i < above.bufferCount() && left > 0; i++) {
        ByteBuffer part = above.buffers()[i].duplicate();
        part.limit(part.position() + (int) Math.min(left, part.remaining()));
        left -= part.remaining();
        first.add(part);
      }
      parts = first.toArray(ByteBuffer[]::new);
    }

    @Override
    public long lengthBytes() {
      return bytes;
    }

    @Override
    public ByteBuffer[] buffers() {
      return parts;
    }

    @Override
    public int bufferCount() {
      return parts.length;
    }

    @Override
    public void complete() {
      above().fail(failure);
    }
  }

  @Override
  public Notice draining() {
    synchronized (this) {
      drains++;
    }
    dispatch.soon(this::letGo);
    Notice below = drainingBelow();
    return () -> {
      below.close();
      synchronized (this) {
        drains--;
      }
    };
  }

  /** What is held back goes on now, so that nobody is left without an answer. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    letGo();
    dispatch.close();
  }
}
