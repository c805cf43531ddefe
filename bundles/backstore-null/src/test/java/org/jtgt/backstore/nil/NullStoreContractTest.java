// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.nil;

import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;

/** All that is not about data. */
class NullStoreContractTest extends StoreContractTest {
  @Override
  protected StoreUnderTest store() {
    return new StoreUnderTest() {
      @Override
      public Backstore open() {
        return new NullStore("4M");
      }

      @Override
      public void close(Backstore store) {}

      @Override
      public Keeps keeps() {
        return Keeps.NOTHING;
      }
    };
  }
}
