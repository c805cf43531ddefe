// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The contract of stores is compatible with its version 1.0, as bnd sees it: what would break a
 * store that was built against that, such as a new method without a default in a type that stores
 * implement, asks for version 2.
 */
class ContractBaselineTest {
  private static final Path TOP = Path.of(System.getProperty("jtgt.top"));

  @Test
  void theContractIsCompatibleWithItsFirstVersion() throws Exception {
    Path first = TOP.resolve("itests/store-api-1.0/org.jtgt.backstore-1.0.0.jar");
    Path present = StoreJars.shipped(Distribution.HOME, "org.jtgt.backstore");
    try (Processor processor = new Processor();
        Jar older = new Jar(first.toFile());
        Jar newer = new Jar(present.toFile())) {
      Set<Baseline.Info> packages =
          new Baseline(processor, new DiffPluginImpl()).baseline(newer, older, null);
      assertThat(packages).isNotEmpty();
      for (Baseline.Info info : packages) {
        assertThat(info.suggestedVersion.getMajor()).as("%s", info.packageDiff).isEqualTo(1);
        assertThat(info.mismatch)
            .as("%s is version %s", info.packageName, info.newerVersion)
            .isFalse();
      }
    }
  }
}
