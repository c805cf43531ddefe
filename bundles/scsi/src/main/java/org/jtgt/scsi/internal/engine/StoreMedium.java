// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.scsi.device.Unit.Medium;

/** A store as a medium of logical blocks. */
final class StoreMedium {
  private StoreMedium() {}

  static Medium of(Backstore store, int blockBytes) {
    return new Medium(
        store.identity(),
        blockBytes,
        store.sizeBytes() / blockBytes,
        Math.max(blockBytes, store.physicalBlockBytes()),
        store.optimalTransferBytes(),
        store.unmapGranularityBytes() == 0
            ? 0
            : Math.max(blockBytes, store.unmapGranularityBytes()),
        store.atomicUnitBytes(),
        store.readOnly(),
        store.nonRotational(),
        store.adapt(CryptoErase.class).isPresent());
  }

  /** Whether commands that were meant for one medium must not go to the other. */
  static boolean isAnother(Medium before, Medium now) {
    return !before.storeIdentity().equals(now.storeIdentity())
        || before.blockBytes() != now.blockBytes();
  }
}
