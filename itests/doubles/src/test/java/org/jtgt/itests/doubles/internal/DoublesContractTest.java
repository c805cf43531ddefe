// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.junit.jupiter.api.io.TempDir;

/** The store that loses what was not flushed keeps the contract: nothing else is wrong with it. */
class DoublesContractTest extends StoreContractTest {
  @TempDir Path folder;

  @Override
  protected StoreUnderTest store() throws IOException {
    Path file = Files.createTempDirectory(folder, "store").resolve("disk");
    return new StoreUnderTest() {
      @Override
      public Backstore open() throws IOException {
        return new NonDurableStore(file, "1M");
      }

      /**
       * Its end flushes nothing, so whoever closes it does. The engine drains first; here I/O runs,
       * and a write between the two would be lost after its end.
       */
      @Override
      public void close(Backstore store) throws IOException {
        NonDurableStore actual = (NonDurableStore) store;
        synchronized (actual) {
          actual.flush();
          actual.close();
        }
      }

      @Override
      public boolean crash(Backstore store) throws IOException {
        ((NonDurableStore) store).close();
        return true;
      }
    };
  }
}
