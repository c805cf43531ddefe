// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.testing.StoreContract.Check;

/** Space that is released, and what is told about it. */
final class SpaceChecks {
  private SpaceChecks() {}

  static List<Check> all() {
    return List.of(
        always("unmapped bytes read as zeros, their neighbours as before", SpaceChecks::readBack),
        always(
            "written bytes are mapped",
            trial -> {
              WatchedStore store = trial.openKeeping();
              AllocationMap map = store.require(AllocationMap.class);
              byte[] data = pattern(Math.min(trial.depth(store), 8 * store.blockBytes()), 1);
              TestIo.put(store, 0, data);
              for (long at = 0; at < data.length; ) {
                AllocationMap.Extent extent = map.extentAt(at);
                expect(extent.mapped(), "byte %d was written and is said to be unmapped", at);
                at += extent.lengthBytes();
              }
            }),
        always("released space is not counted any more", SpaceChecks::freeSpace));
  }

  private static void readBack(Trial trial) throws Exception {
    WatchedStore store = trial.openKeeping();
    if (store.unmapGranularityBytes() == 0) {
      throw new NotApplicableException("it cannot unmap");
    }
    int depth = trial.depth(store);
    int block = store.blockBytes();
    int unit = Math.min(store.unmapGranularityBytes(), depth / 4 / block * block);
    if (unit == 0) {
      throw new NotApplicableException("it has fewer than four blocks");
    }
    byte[] expected = pattern(depth, 7);
    TestIo.put(store, 0, expected);
    // A whole unit, parts of one, one block, and ranges over the borders of units.
    int[][] ranges = {
      {unit, unit},
      {2 * unit + unit / block / 2 * block, block},
      {unit / 2 / block * block, unit},
      {depth - block, block},
      {0, block}
    };
    for (int[] range : ranges) {
      TestIo.unmap(range[0], range[1], range[0] == 0).run(store);
      Arrays.fill(expected, range[0], range[0] + range[1], (byte) 0);
      expectBytes(store, 0, expected, "unmapped %d at %d".formatted(range[1], range[0]));
    }
    TestIo.unmap(0, depth, false).run(store);
    new StoreModel(store, 0, 0, new byte[depth]).compareAll();
    byte[] again = pattern(block, 9);
    TestIo.put(store, unit, again);
    expectBytes(store, unit, again, "written after it was unmapped");
    expectBytes(store, unit + block, new byte[unit - block], "beside what was written again");
  }

  private static void freeSpace(Trial trial) throws Exception {
    WatchedStore store = trial.openKeeping();
    FreeSpace space = store.require(FreeSpace.class);
    checkNumbers(space);
    TestIo.put(store, 0, pattern(trial.depth(store), 1));
    TestIo.flush().run(store);
    long full = space.allocatedBytes();
    checkNumbers(space);
    if (store.unmapGranularityBytes() == 0) {
      throw new NotApplicableException("it cannot unmap");
    }
    TestIo.unmap(0, trial.depth(store), true).run(store);
    TestIo.flush().run(store);
    expect(
        space.allocatedBytes() <= full,
        "%d bytes were allocated, %d after an unmap",
        full,
        space.allocatedBytes());
    checkNumbers(space);
  }

  private static void checkNumbers(FreeSpace space) throws IOException {
    expect(
        space.allocatedBytes() >= 0 && space.freeBytes() >= 0,
        "allocated %d, free %d",
        space.allocatedBytes(),
        space.freeBytes());
  }
}
