// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.FilterUnderTest;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.junit.jupiter.api.io.TempDir;

class OverlayStoreContractTest extends StoreContractTest {
  @TempDir Path folder;

  @Override
  protected StoreUnderTest store() throws Exception {
    Path own = Files.createTempDirectory(folder, "overlay");
    return new FilterUnderTest(
            ArrayStore.inline(1 << 20), base -> OverlayComponent.open(base, own, 1 << 16))
        .ofFixedSize();
  }
}
