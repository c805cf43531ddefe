// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.time.Duration;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A service: makes logical units of any device type. A unit lives until its handle is closed; its
 * name is the part of the configuration's PID behind {@code ~}, and targets map it by that name.
 */
@ProviderType
public interface LogicalUnits {
  /**
   * Makes a logical unit, with or without its store.
   *
   * @throws IllegalArgumentException when another unit has its name, or a value is not allowed: the
   *     message says which one and what is
   */
  Handle create(Settings settings, DeviceType type);

  /** The commands of SPC that every device type has. */
  List<Command> primaryCommands();

  /** A unit that was made. */
  @ProviderType
  interface Handle {
    /** The unit. */
    Unit unit();

    /** Changes it in place. A store of another identity is accepted. */
    void change(Settings settings);

    /**
     * Removes it: its LUNs are unmapped, its commands end, its store is let go. What it keeps stays
     * until its configuration is deleted.
     */
    void close();
  }

  /**
   * What is configured.
   *
   * @param pid its configuration
   * @param store name of its store; empty for none
   * @param blockBytes LOGICAL BLOCK LENGTH IN BYTES, a power of two from 512 to 65,536
   * @param readOnly whether writes are refused
   * @param holdTime how long commands wait for an absent store
   * @param product PRODUCT IDENTIFICATION, at most 16 characters
   * @param serial PRODUCT SERIAL NUMBER, at most 36 characters; empty: made, and kept
   */
  record Settings(
      String pid,
      String store,
      int blockBytes,
      boolean readOnly,
      Duration holdTime,
      String product,
      String serial) {}
}
