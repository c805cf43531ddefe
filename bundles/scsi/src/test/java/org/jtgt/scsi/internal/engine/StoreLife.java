// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** A logical unit without its store, for the tests of what it does when stores come and go. */
abstract class StoreLife {
  final Bench bench = new Bench();
  final MemoryStore store = new MemoryStore(1000 * 512);

  StoreLife() {
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  final void attach() {
    bench.engine.addStore("store0", store);
  }

  final FakeCommand start(FakeCommand command) {
    bench.nexus.execute(command);
    return command;
  }

  final void outage(Outage outage) {
    bench.engine.changeUnit(bench.unit, with("store0", outage));
  }

  static LuSettings with(String store, Outage outage) {
    LuSettings s = Bench.settings();
    return new LuSettings(
        s.name(),
        s.pid(),
        store,
        s.blockBytes(),
        s.readOnly(),
        s.writeCache(),
        s.thinProvisioning(),
        s.holdTime(),
        s.identity(),
        outage,
        Duration.ZERO);
  }

  static LuSettings withStore(String name) {
    return with(name, Outage.HOLD);
  }
}
