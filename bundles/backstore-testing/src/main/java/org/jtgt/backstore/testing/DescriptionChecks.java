// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.StoreContract.reopening;
import static org.jtgt.backstore.testing.Trial.expect;

import java.util.List;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreContract.Check;
import org.jtgt.backstore.testing.StoreUnderTest.Keeps;

/** What a store says of itself. */
final class DescriptionChecks {
  private static final int LEAST_BLOCK = 512;
  private static final int LARGEST_BLOCK = 1 << 16;
  private static final int LONGEST_IDENTITY = 256;

  private DescriptionChecks() {}

  static List<Check> all() {
    return List.of(
        always(
            "what it says of itself is within the bounds of the contract",
            trial -> {
              Backstore store = trial.open();
              bounds(store);
              units(store);
            }),
        always(
            "it says the same of itself whenever it is asked",
            trial -> {
              Backstore store = trial.open();
              String first = description(store);
              TestIo.bytes(store, 0, store.blockBytes());
              expect(
                  first.equals(description(store)),
                  "it was %s and is now %s",
                  first,
                  description(store));
            }),
        reopening(
            "it has the same identity and size when it is opened again",
            trial -> {
              WatchedStore store = trial.open();
              String identity = store.identity();
              long size = store.sizeBytes();
              trial.close(store);
              WatchedStore again = trial.open();
              if (trial.subject().keeps() == Keeps.DATA_WHILE_OPEN) {
                expect(
                    !identity.equals(again.identity()),
                    "its data are others now, but its identity is still %s",
                    identity);
              } else {
                expect(
                    identity.equals(again.identity()),
                    "its identity was %s and is now %s",
                    identity,
                    again.identity());
              }
              expect(size == again.sizeBytes(), "its size was %d, is %d", size, again.sizeBytes());
            }));
  }

  private static String description(Backstore store) {
    return "identity %s, size %d, blocks %d/%d, transfers %d, unmap %d, atomic %d, %s%s%s%s"
        .formatted(
            store.identity(),
            store.sizeBytes(),
            store.blockBytes(),
            store.physicalBlockBytes(),
            store.optimalTransferBytes(),
            store.unmapGranularityBytes(),
            store.atomicUnitBytes(),
            store.completion(),
            store.readOnly() ? ", read-only" : "",
            store.volatileCache() ? ", volatile cache" : "",
            store.nonRotational() ? "" : ", rotational");
  }

  private static void bounds(Backstore store) {
    String identity = store.identity();
    expect(
        !identity.isBlank() && identity.length() <= LONGEST_IDENTITY,
        "identity '%s' has %d characters; allowed: 1 to %d",
        identity,
        identity.length(),
        LONGEST_IDENTITY);
    int block = store.blockBytes();
    expect(
        powerOfTwo(block) && block >= LEAST_BLOCK && block <= LARGEST_BLOCK,
        "blockBytes is %d; allowed: a power of two from %d to %d",
        block,
        LEAST_BLOCK,
        LARGEST_BLOCK);
    long size = store.sizeBytes();
    expect(
        size > 0 && size % block == 0,
        "sizeBytes is %d; allowed: a positive multiple of blockBytes, %d",
        size,
        block);
  }

  private static void units(Backstore store) {
    int block = store.blockBytes();
    int physical = store.physicalBlockBytes();
    expect(
        powerOfTwo(physical) && physical >= block,
        "physicalBlockBytes is %d; allowed: a power of two not below blockBytes, %d",
        physical,
        block);
    int transfer = store.optimalTransferBytes();
    expect(
        transfer >= 0 && transfer % physical == 0,
        "optimalTransferBytes is %d; allowed: 0 or multiples of physicalBlockBytes, %d",
        transfer,
        physical);
    int granularity = store.unmapGranularityBytes();
    expect(
        granularity >= 0 && granularity % block == 0,
        "unmapGranularityBytes is %d; allowed: 0 or multiples of blockBytes, %d",
        granularity,
        block);
    int atomic = store.atomicUnitBytes();
    expect(
        atomic >= 0 && atomic % block == 0,
        "atomicUnitBytes is %d; allowed: 0 or multiples of blockBytes, %d",
        atomic,
        block);
  }

  private static boolean powerOfTwo(int value) {
    return Integer.bitCount(value) == 1 && value > 0;
  }
}
