// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import org.jtgt.scsi.device.Unit;

/**
 * What is configured for a logical unit.
 *
 * @param name its name
 * @param pid its configuration; empty when it has none
 * @param store name of its store
 * @param blockBytes LOGICAL BLOCK LENGTH IN BYTES, 512 or 4096
 * @param readOnly whether writes are refused though the store takes them
 * @param writeCache WCE at start and after a reset
 * @param thinProvisioning whether UNMAP is offered when the store can
 * @param holdTime how long commands wait for an absent store
 * @param identity what INQUIRY tells
 * @param outage what becomes of commands whose store is away
 * @param commandDeadline how long a command may wait for the unit or its store; zero: for ever
 */
public record LuSettings(
    String name,
    String pid,
    String store,
    int blockBytes,
    boolean readOnly,
    boolean writeCache,
    boolean thinProvisioning,
    Duration holdTime,
    Unit.Identity identity,
    Outage outage,
    Duration commandDeadline) {
  /** Commands are held while the store is away, and wait for a store that does not answer. */
  public LuSettings(
      String name,
      String pid,
      String store,
      int blockBytes,
      boolean readOnly,
      boolean writeCache,
      boolean thinProvisioning,
      Duration holdTime,
      Unit.Identity identity) {
    this(
        name,
        pid,
        store,
        blockBytes,
        readOnly,
        writeCache,
        thinProvisioning,
        holdTime,
        identity,
        Outage.HOLD,
        Duration.ZERO);
  }
}
