// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.ModePage;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.UnitMemory;

/**
 * The mode pages of a logical unit as they stand, and those that were saved (SPC-4 5.11). Only what
 * saves waits for a file.
 */
final class UnitMode {
  private static final String SAVED = "mode";

  private final UnitMemory memory;
  private final DeviceServer server;
  private final Object saving = new Object();
  private final AtomicInteger throughs = new AtomicInteger();

  // As ModeValues encodes them; empty when none were saved.
  private volatile byte[] kept;
  private volatile ModeValues current;

  UnitMode(UnitMemory memory, DeviceServer server) {
    this.memory = memory;
    this.server = server;
    kept = memory.load(SAVED).orElse(new byte[0]);
    current = saved();
  }

  /** As they stand, perhaps without pages that exist only since the store came. */
  ModeValues current() {
    return current;
  }

  /** As they stand, with every page that exists now. */
  ModeValues complete() {
    ModeValues now = current;
    for (ModePage page : server.modePages()) {
      if (!now.has(page.key())) {
        return add();
      }
    }
    return now;
  }

  private synchronized ModeValues add() {
    current = saved().with(current);
    return current;
  }

  /** Whether writes may be acknowledged before they are stable. */
  boolean writeCache() {
    return throughs.get() == 0 && current.writeCache();
  }

  /** Makes writes stable whatever WCE says, until what is returned runs. */
  Runnable writeThrough() {
    throughs.incrementAndGet();
    return throughs::decrementAndGet;
  }

  /**
   * Changes pages, and nothing of the others.
   *
   * @param save whether they are saved before they count; may wait then
   * @return whether any of them is another now
   */
  boolean change(Map<Integer, byte[]> wanted, boolean save) throws IOException {
    if (save) {
      synchronized (saving) {
        save(complete().with(wanted));
      }
    }
    synchronized (this) {
      ModeValues before = complete();
      current = before.with(wanted);
      return !current.sameAs(before);
    }
  }

  /** Sets them to what a reset leaves. */
  synchronized void reset() {
    current = saved();
  }

  /** Those that were saved, over the defaults. */
  ModeValues saved() {
    return ModeValues.decode(server.modePages(), kept);
  }

  private void save(ModeValues values) throws IOException {
    byte[] image = values.encodeOver(kept);
    memory.keep(SAVED, image);
    kept = image;
  }

  /** The operator has configured WCE: his last word counts, also against what was saved. */
  void writeCache(boolean enabled) throws IOException {
    synchronized (this) {
      current = withWriteCache(current, enabled);
    }
    synchronized (saving) {
      if (kept.length > 0) {
        save(withWriteCache(saved(), enabled));
      }
    }
  }

  private static ModeValues withWriteCache(ModeValues values, boolean enabled) {
    return values.with(ModeValues.CACHING, 2, ModeValues.WCE, enabled);
  }
}
