// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.util.List;
import java.util.stream.Stream;

/**
 * The contract of {@link org.jtgt.backstore.Backstore} as checks. A store that passes all is fit.
 */
public final class StoreContract {
  private StoreContract() {}

  /** One check. */
  public static final class Check {
    private final String sentence;
    private final Body body;
    private final boolean onServiceToo;

    Check(String sentence, boolean onServiceToo, Body body) {
      this.sentence = sentence;
      this.onServiceToo = onServiceToo;
      this.body = body;
    }

    /** What holds when it passes. */
    public String sentence() {
      return sentence;
    }

    /** Whether it opens the store once only, so that it can be done to a store that others keep. */
    public boolean onServiceToo() {
      return onServiceToo;
    }

    /**
     * Does it, and removes what it made.
     *
     * @throws NotApplicableException when it says nothing about this store
     * @throws AssertionError when the store is not as the contract wants it
     */
    public void run(StoreUnderTest store) throws Exception {
      try (Trial trial = new Trial(store)) {
        body.run(trial);
        trial.end();
      }
    }

    @Override
    public String toString() {
      return sentence;
    }
  }

  /** What a check does. */
  @FunctionalInterface
  interface Body {
    void run(Trial trial) throws Exception;
  }

  static Check always(String sentence, Body body) {
    return new Check(sentence, true, body);
  }

  /** A check that closes the store. */
  static Check reopening(String sentence, Body body) {
    return new Check(sentence, false, body);
  }

  /** All checks, the simple ones first. */
  public static List<Check> checks() {
    return Stream.of(
            DescriptionChecks.all(),
            DataChecks.all(),
            BufferChecks.all(),
            CompletionChecks.all(),
            ConcurrencyChecks.all(),
            SpaceChecks.all(),
            FailureChecks.all(),
            CapabilityChecks.all(),
            SnapshotChecks.all(),
            CryptoEraseChecks.all(),
            LifeChecks.all())
        .flatMap(List::stream)
        .toList();
  }
}
