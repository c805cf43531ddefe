// SPDX-License-Identifier: Apache-2.0
package org.example.embedded;

import java.util.Optional;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.junit.jupiter.api.Nested;

/** Both stores keep the contract. */
class StoresTest {
  @Nested
  class Heap extends StoreContractTest {
    @Override
    protected StoreUnderTest store() {
      HeapStore memory = new HeapStore(1 << 20);
      return new StoreUnderTest() {
        @Override
        public Backstore open() {
          return memory;
        }

        @Override
        public void close(Backstore store) {}
      };
    }
  }

  @Nested
  class Computed extends StoreContractTest {
    @Override
    protected StoreUnderTest store() {
      byte[] sevens = new byte[1 << 16];
      java.util.Arrays.fill(sevens, (byte) 7);
      return new StoreUnderTest() {
        @Override
        public Backstore open() {
          return new ComputedStore(
              "sevens",
              sevens.length,
              (offset, target) -> target.put(sevens, (int) offset, target.remaining()));
        }

        @Override
        public void close(Backstore store) {}

        @Override
        public Optional<byte[]> content() {
          return Optional.of(sevens);
        }
      };
    }
  }
}
