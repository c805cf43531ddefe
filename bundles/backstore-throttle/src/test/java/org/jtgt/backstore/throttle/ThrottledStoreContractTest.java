// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.throttle;

import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.filter.Dispatch;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.FilterUnderTest;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.junit.jupiter.api.Nested;

/** With limits that are met all the time, so that requests wait for their turn. */
class ThrottledStoreContractTest {
  private static StoreUnderTest over(Completion completion) {
    return new FilterUnderTest(
        new ArrayStore(1 << 20, completion),
        base ->
            new ThrottledStore(
                base,
                new Dispatch(base, "test"),
                new Limits(20_000, 0, 16, 1 << 20),
                System::nanoTime));
  }

  @Nested
  class OverInline extends StoreContractTest {
    @Override
    protected StoreUnderTest store() {
      return over(Completion.INLINE);
    }
  }

  @Nested
  class OverBlocking extends StoreContractTest {
    @Override
    protected StoreUnderTest store() {
      return over(Completion.BLOCKING);
    }
  }
}
