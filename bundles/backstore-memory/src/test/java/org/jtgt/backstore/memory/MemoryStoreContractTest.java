// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.memory;

import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;

class MemoryStoreContractTest extends StoreContractTest {
  @Override
  protected StoreUnderTest store() {
    return new StoreUnderTest() {
      @Override
      public Backstore open() {
        return new MemoryStore("org.jtgt.backstore.memory~disk", "4M", 1 << 30);
      }

      @Override
      public void close(Backstore store) {
        ((MemoryStore) store).close();
      }

      @Override
      public Keeps keeps() {
        return Keeps.DATA_WHILE_OPEN;
      }

      @Override
      public boolean resize(Backstore store, long sizeBytes) {
        ((MemoryStore) store).resize(Long.toString(sizeBytes));
        return true;
      }
    };
  }
}
