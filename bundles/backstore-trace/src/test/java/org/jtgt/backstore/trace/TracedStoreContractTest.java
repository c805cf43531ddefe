// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.trace;

import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.FilterUnderTest;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;

class TracedStoreContractTest extends StoreContractTest {
  @Override
  protected StoreUnderTest store() {
    return new FilterUnderTest(ArrayStore.inline(1 << 20), base -> new TracedStore(base, "t0"));
  }
}
