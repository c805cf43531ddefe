// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.testing.StoreContract.Check;

/** What goes wrong is told as what it is, and where it is. */
final class FailureChecks {
  private FailureChecks() {}

  static List<Check> all() {
    return List.of(
        always(
            "a read-only store refuses what would change it, as WRITE_PROTECTED",
            trial -> {
              WatchedStore store = trial.open();
              if (!store.readOnly()) {
                throw new NotApplicableException("it is written to");
              }
              refuses(store);
              byte[] content = trial.content(store);
              expectBytes(store, 0, content, "after refused writes");
              TestIo.flush().run(store);
            }),
        always(
            "unreadable bytes are told as MEDIA with the first of them",
            trial -> {
              WatchedStore store = trial.open();
              int block = store.blockBytes();
              int depth = trial.depth(store);
              long bad = depth / 2 / block * (long) block;
              if (!trial.subject().damage(store.actual(), bad, block)) {
                throw new NotApplicableException("nobody can damage its medium");
              }
              expectMedia(store, bad, block, bad, bad + block);
              expectMedia(store, bad - block, 3 * block, bad, bad + block);
              TestIo.bytes(store, 0, (int) bad);
              TestIo.bytes(store, bad + block, block);
            }));
  }

  private static void refuses(WatchedStore store) {
    int block = store.blockBytes();
    List<TestIo> changes =
        List.of(
            TestIo.write(0, false, TestIo.direct(pattern(block, 1))),
            TestIo.writeZeroes(0, block, false, false),
            TestIo.writeZeroes(0, block, true, true));
    for (TestIo change : changes) {
      BackstoreException refusal = expectFailure(store, change);
      expect(refusal.kind() == Kind.WRITE_PROTECTED, "%s is answered %s", change, refusal.kind());
    }
    if (store.unmapGranularityBytes() > 0) {
      TestIo unmap = TestIo.unmap(0, block, false);
      expect(expectFailure(store, unmap).kind() == Kind.WRITE_PROTECTED, "UNMAP is no write");
    }
  }

  /** A store may name a byte of the unit that it reads at once, before the bad one. */
  private static void expectMedia(
      WatchedStore store, long offset, int bytes, long firstBad, long endOfBad) {
    TestIo read = TestIo.read(offset, ByteBuffer.allocateDirect(bytes));
    BackstoreException failure = expectFailure(store, read);
    expect(failure.kind() == Kind.MEDIA, "%s is answered %s", read, failure.kind());
    long told = failure.offsetBytes().orElse(-1);
    expect(
        told >= firstBad && told < endOfBad,
        "%s fails at byte %d; the bad ones are %d to %d",
        read,
        told,
        firstBad,
        endOfBad - 1);
  }

  private static BackstoreException expectFailure(WatchedStore store, TestIo io) {
    try {
      io.run(store);
    } catch (BackstoreException failure) {
      return failure;
    } catch (IOException | RuntimeException other) {
      throw new AssertionError(io + " fails with " + other, other);
    }
    throw new AssertionError(io + " is answered with success");
  }
}
