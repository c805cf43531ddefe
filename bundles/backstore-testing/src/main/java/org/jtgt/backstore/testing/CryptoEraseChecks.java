// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.StoreContract.reopening;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.backstore.testing.StoreContract.Check;
import org.jtgt.backstore.testing.StoreUnderTest.Keeps;

/** A store that throws the key away which its content is encrypted with. */
final class CryptoEraseChecks {
  private CryptoEraseChecks() {}

  static List<Check> all() {
    return List.of(
        always(
            "when its key is erased, nothing that was written can be read, and it is written anew",
            trial -> {
              WatchedStore store = trial.openKeeping();
              erase(trial, store);
              byte[] after = pattern(trial.depth(store), 2);
              TestIo.put(store, 0, after);
              expectBytes(store, 0, after, "written after the erase");
            }),
        reopening(
            "an erased key is not there again when it is opened again",
            trial -> {
              WatchedStore store = trial.openKeeping();
              if (trial.subject().keeps() != Keeps.DATA) {
                throw new NotApplicableException("it keeps nothing when it is closed");
              }
              byte[] before = erase(trial, store);
              byte[] after = pattern(store.blockBytes(), 2);
              TestIo.put(store, 0, after);
              TestIo.flush().run(store);
              trial.close(store);
              WatchedStore again = trial.open();
              expectBytes(again, 0, after, "written after the erase, opened again");
              expectNoneOf(before, again, store.blockBytes());
            }));
  }

  /** What it held before. */
  private static byte[] erase(Trial trial, WatchedStore store) throws Exception {
    CryptoErase key = store.require(CryptoErase.class);
    String identity = store.identity();
    long size = store.sizeBytes();
    byte[] before = pattern(trial.depth(store), 1);
    TestIo.put(store, 0, before);
    TestIo.flush().run(store);
    key.eraseKey();
    expect(store.identity().equals(identity), "its identity is %s now", store.identity());
    expect(store.sizeBytes() == size, "its size is %d now", store.sizeBytes());
    expectNoneOf(before, store, 0);
    return before;
  }

  private static void expectNoneOf(byte[] before, WatchedStore store, int from) throws IOException {
    byte[] found = TestIo.bytes(store, 0, before.length);
    int block = store.blockBytes();
    for (int at = from; at + block <= found.length; at += block) {
      expect(
          !Arrays.equals(before, at, at + block, found, at, at + block),
          "the block at %d reads as before its key was erased",
          at);
    }
  }
}
