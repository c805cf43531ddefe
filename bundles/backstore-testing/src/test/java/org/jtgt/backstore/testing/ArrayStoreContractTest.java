// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import org.jtgt.backstore.Backstore.Completion;

/** The store that others are tested on passes itself. */
class ArrayStoreContractTest extends StoreContractTest {
  @Override
  protected StoreUnderTest store() {
    return new FilterUnderTest(new ArrayStore(1 << 20, Completion.INLINE), base -> base);
  }
}
