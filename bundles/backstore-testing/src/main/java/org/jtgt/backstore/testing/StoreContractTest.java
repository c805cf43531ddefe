// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The contract as a JUnit test of a store, one test for each check:
 *
 * <pre>
 * class MyStoreContractTest extends StoreContractTest {
 *   &#64;Override
 *   protected StoreUnderTest store() {
 *     return new StoreUnderTest() { ... };
 *   }
 * }
 * </pre>
 */
public abstract class StoreContractTest {
  /** The data of a new store; called for each check. */
  protected abstract StoreUnderTest store() throws Exception;

  @TestFactory
  final Stream<DynamicTest> contract() {
    return StoreContract.checks().stream()
        .map(check -> DynamicTest.dynamicTest(check.sentence(), () -> run(check)));
  }

  private void run(StoreContract.Check check) throws Exception {
    try {
      check.run(store());
    } catch (NotApplicableException skipped) {
      Assumptions.abort(skipped.getMessage());
    }
  }
}
