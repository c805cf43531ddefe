// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.trace;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.backstore.filter.FilterBackstore;
import org.jtgt.backstore.filter.FilteredIo;
import org.jtgt.state.StateRow;

/** Passes I/O on and notes when it began and ended. */
final class TracedStore extends FilterBackstore {
  /** What was seen of one operation. */
  private static final class Seen {
    final Histogram durations = new Histogram();
    final LongAdder bytes = new LongAdder();
    final LongAdder failures = new LongAdder();
  }

  private final String name;
  private final Map<Operation, Seen> seen = new EnumMap<>(Operation.class);

  TracedStore(Backstore below, String name) {
    super(below);
    this.name = name;
    for (Operation operation : Operation.values()) {
      seen.put(operation, new Seen());
    }
  }

  @Override
  public void submit(StoreIo io) {
    below().submit(new TracedIo(io));
  }

  /** One I/O below; the one above must not be touched once it is told of its end. */
  private final class TracedIo extends FilteredIo {
    private final StoreIoEvent event = new StoreIoEvent();
    private final long begun = System.nanoTime();
    private final Operation operation;
    private final long bytes;

    TracedIo(StoreIo above) {
      super(above);
      operation = above.operation();
      bytes = above.lengthBytes();
      if (event.isEnabled()) {
        event.store = name;
        event.operation = operation.name();
        event.offsetBytes = above.offsetBytes();
        event.lengthBytes = bytes;
        event.forceUnitAccess = above.forceUnitAccess();
      }
      event.begin();
    }

    @Override
    public void complete() {
      Seen of = ended();
      of.bytes.add(bytes);
      event.commit();
      above().complete();
    }

    @Override
    public void fail(Throwable cause) {
      Seen of = ended();
      of.failures.increment();
      if (event.isEnabled()) {
        event.failure = cause.toString();
      }
      event.commit();
      above().fail(cause);
    }

    private Seen ended() {
      // The map has one for each operation there is.
      Seen of = Objects.requireNonNull(seen.get(operation));
      of.durations.add(System.nanoTime() - begun);
      event.end();
      return of;
    }
  }

  /** A row for each operation that was seen. */
  List<StateRow> rows() {
    List<StateRow> rows = new ArrayList<>();
    seen.forEach((operation, of) -> {
      long count = of.durations.count();
      if (count > 0) {
        var values = new LinkedHashMap<String, Object>();
        values.put("count", count);
        values.put("bytes", of.bytes.sum());
        values.put("failures", of.failures.sum());
        values.put("mean", of.durations.mean());
        values.put("p50", of.durations.quantile(0.5));
        values.put("p99", of.durations.quantile(0.99));
        values.put("p999", of.durations.quantile(0.999));
        values.put("longest", of.durations.longest());
        rows.add(new StateRow(name + " " + operation.name().toLowerCase(Locale.ROOT), "", values));
      }
    });
    return rows;
  }
}
