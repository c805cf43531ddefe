// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jtgt.backstore.testing.StoreContract.Check;

/** Several threads at once. */
final class ConcurrencyChecks {
  private static final int THREADS = 4;
  private static final int STEPS = 60;
  private static final int ROUNDS = 200;

  private ConcurrencyChecks() {}

  static List<Check> all() {
    return List.of(
        always(
            "threads that use neighbouring ranges never meet each other's bytes",
            trial -> {
              WatchedStore store = trial.openKeeping();
              int block = store.blockBytes();
              // Of odd length in blocks, so that ranges meet inside of whatever unit the store has.
              int blocks = (trial.depth(store) / block / THREADS - 1) | 1;
              if (blocks < 3) {
                throw new NotApplicableException("it has too few blocks");
              }
              List<Callable<Void>> bodies = new ArrayList<>();
              for (int i = 0; i < THREADS; i++) {
                int seed = i;
                long from = (long) i * blocks * block;
                byte[] content = new byte[blocks * block];
                bodies.add(() -> {
                  new StoreModel(store, seed, from, content).run(STEPS);
                  return null;
                });
              }
              together(bodies);
            }),
        always(
            "a block is read as it was before a write or after it",
            trial -> {
              WatchedStore store = trial.openKeeping();
              if (store.atomicUnitBytes() == 0) {
                throw new NotApplicableException("it promises no atomic unit");
              }
              int bytes = Math.min(store.atomicUnitBytes(), trial.depth(store));
              byte[][] versions = {pattern(bytes, 1), pattern(bytes, 2)};
              TestIo.put(store, 0, versions[0]);
              together(List.of(() -> writeInTurn(store, versions), () -> readAll(store, versions)));
            }));
  }

  private static Void writeInTurn(WatchedStore store, byte[][] versions) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      TestIo.put(store, 0, versions[i % versions.length]);
    }
    return null;
  }

  private static Void readAll(WatchedStore store, byte[][] versions) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      byte[] found = TestIo.bytes(store, 0, versions[0].length);
      expect(
          Arrays.stream(versions).anyMatch(version -> Arrays.equals(version, found)),
          "read %d is a mixture",
          i);
    }
    return null;
  }

  /** Does all at once and waits for all; the first failure is the outcome. */
  static void together(List<Callable<Void>> bodies) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(bodies.size())) {
      for (Future<Void> end : threads.invokeAll(bodies)) {
        try {
          end.get();
        } catch (ExecutionException failed) {
          Throwable cause = failed.getCause() == null ? failed : failed.getCause();
          throw new AssertionError(cause.getMessage(), cause);
        }
      }
    }
  }
}
