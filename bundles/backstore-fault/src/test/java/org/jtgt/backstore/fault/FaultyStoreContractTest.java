// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.fault;

import java.util.List;
import java.util.Random;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.filter.Dispatch;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.FilterUnderTest;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;

/** It is fit as long as it only delays, and held requests are let go when it is drained. */
class FaultyStoreContractTest extends StoreContractTest {
  @Override
  protected StoreUnderTest store() {
    List<Rule> rules =
        List.of(
            Rule.parse("any delay=1ms every=10"), Rule.parse("read delay=50ms at=0-512 count=4"));
    return new FilterUnderTest(
        new ArrayStore(1 << 20, Completion.BLOCKING),
        base -> new FaultyStore(base, new Dispatch(base, "test"), rules, new Random(1)));
  }
}
