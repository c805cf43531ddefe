// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.UnitMemory;

/** The mode pages of a logical unit as they stand, and those that were saved (SPC-4 5.11). */
final class UnitMode {
  private static final String SAVED = "mode";

  private final UnitMemory memory;
  private final DeviceServer server;
  private volatile ModeValues current;

  UnitMode(UnitMemory memory, DeviceServer server) {
    this.memory = memory;
    this.server = server;
    current = saved();
  }

  /** As they stand. */
  ModeValues current() {
    return current;
  }

  /**
   * Sets them.
   *
   * @return whether any of them changed
   */
  boolean set(ModeValues values) {
    if (values.sameAs(current)) {
      return false;
    }
    current = values;
    return true;
  }

  /** Sets them to what a reset leaves. */
  void reset() {
    current = saved();
  }

  /** Those that were saved, over the defaults. */
  ModeValues saved() {
    return memory
        .load(SAVED)
        .map(kept -> ModeValues.decode(server.modePages(), kept))
        .orElseGet(() -> ModeValues.defaults(server.modePages()));
  }

  /** Saves them; may wait. */
  void save(ModeValues values) throws IOException {
    memory.keep(SAVED, values.encode());
  }

  /** The operator has configured WCE: his last word counts, also against what was saved. */
  void writeCache(boolean enabled) throws IOException {
    current = withWriteCache(current, enabled);
    if (memory.load(SAVED).isPresent()) {
      save(withWriteCache(saved(), enabled));
    }
  }

  private static ModeValues withWriteCache(ModeValues values, boolean enabled) {
    return values.with(ModeValues.CACHING, 2, ModeValues.WCE, enabled);
  }
}
