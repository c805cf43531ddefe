// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracedStoreTest {
  private final ArrayStore below = ArrayStore.inline(1 << 20);
  private final TracedStore store = new TracedStore(below, "t0");

  @Test
  void itIsTheStoreBelow() throws Exception {
    new StoreModel(store, 5).run(300);
  }

  @Test
  void eachOperationIsCountedWithItsBytes() throws Exception {
    TestIo.put(store, 0, new byte[4096]);
    TestIo.put(store, 4096, new byte[512]);
    TestIo.bytes(store, 0, 1024);
    List<StateRow> rows = store.rows();
    assertThat(rows).extracting(StateRow::name).containsExactlyInAnyOrder("t0 read", "t0 write");
    StateRow write = rows.stream().filter(r -> r.name().endsWith("write")).findFirst().get();
    assertThat(write.values()).containsEntry("count", 2L).containsEntry("bytes", 4608L);
    assertThat((Duration) write.values().get("longest")).isPositive();
  }

  @Test
  void anEventTellsOperationRangeAndFailure(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("trace.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("org.jtgt.StoreIo").withThreshold(Duration.ZERO);
      recording.start();
      TestIo.put(store, 8192, new byte[512]);
      below.failWith(new IOException("broken"));
      assertThatThrownBy(() -> TestIo.bytes(store, 0, 512)).hasMessage("broken");
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    Files.delete(file);
    assertThat(events).hasSize(2);
    assertThat(events.getFirst().getString("operation")).isEqualTo("WRITE");
    assertThat(events.getFirst().getString("store")).isEqualTo("t0");
    assertThat(events.getFirst().getLong("offsetBytes")).isEqualTo(8192);
    assertThat(events.getLast().getString("failure")).contains("broken");
  }

  @Test
  void aQuantileIsAtMostAQuarterTooHigh() {
    var histogram = new Histogram();
    for (int i = 1; i <= 1000; i++) {
      histogram.add(i * 1000L);
    }
    assertThat(histogram.quantile(0.5).toNanos()).isBetween(500_000L, 625_000L);
    assertThat(histogram.quantile(0.99).toNanos()).isBetween(990_000L, 1_000_000L);
    assertThat(histogram.longest()).isEqualTo(Duration.ofMillis(1));
    assertThat(histogram.mean().toNanos()).isEqualTo(500_500);
  }
}
