// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WorkloadTest {
  @Test
  void readsAMixOverSeveralConnections() {
    assertThat(Workload.parse("mix:randrw70:4k:32:4"))
        .isEqualTo(new Workload("mix", 4096, 32, 4, 70, false, 1, 0, null, true));
  }

  @Test
  void readsSequentialMegabytes() {
    assertThat(Workload.parse("w:write:1M:8:1"))
        .isEqualTo(new Workload("w", 1 << 20, 8, 1, 0, true, 1, 0, null, true));
  }

  @Test
  void readsLogicalUnitsAndARate() {
    assertThat(Workload.parse("o:randread:512:8:1:16:5000"))
        .isEqualTo(new Workload("o", 512, 8, 1, 100, false, 16, 5000, null, true));
  }

  @Test
  void readsABackgroundInTheSameOrAnotherSession() {
    Workload back = new Workload("b", 1 << 20, 8, 1, 0, true, 1, 0, null, true);
    assertThat(Workload.parse("f:randread:4k:32:1+b:write:1M:8:1"))
        .isEqualTo(new Workload("f", 4096, 32, 1, 100, false, 1, 0, back, true));
    assertThat(Workload.parse("f:randread:4k:32:1&b:write:1M:8:1"))
        .isEqualTo(new Workload("f", 4096, 32, 1, 100, false, 1, 0, back, false));
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> Workload.parse("x:erase:4k:1:1")).hasMessageContaining("erase");
    assertThatThrownBy(() -> Workload.parse("x:read:4k")).hasMessageContaining("NAME:OP");
  }
}
