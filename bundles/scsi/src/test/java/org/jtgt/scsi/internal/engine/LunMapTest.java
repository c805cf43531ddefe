// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** A LUN that is added, with the unit behind it or before it is there. */
class LunMapTest extends StoreLife {
  @Test
  void anAddedLunDropsNothingAndIsAnnounced() {
    attach();
    bench.createUnit(Bench.settings("disk1", "store1"));
    bench.engine.addStore("store1", new MemoryStore(512 * 10));
    bench.target.change(Bench.targetSettings(Map.of(0, "disk0", 3, "disk1", 300, "disk2")));
    assertThat(bench.run("00").sense()).isEqualTo("6/3F/0E");
    FakeCommand other = FakeCommand.of("00").lun(3L << 48);
    assertThat(bench.run(other).sense()).isEqualTo("6/29/00");
    assertThat(Bench.hex(bench.runIn("A0 00 00 00 00 00 00 00 01 00 00 00", 256).data()))
        .isEqualTo("0000001000000000" + "0000000000000000" + "0003000000000000");
    bench.createUnit(Bench.settings("disk2", "store2"));
    assertThat(Bench.hex(bench.runIn("A0 00 00 00 00 00 00 00 01 00 00 00", 256).data()))
        .endsWith("412C000000000000");
    assertThat(bench.run("00").status()).as("REPORT LUNS has told it").isEqualTo(GOOD);
  }
}
