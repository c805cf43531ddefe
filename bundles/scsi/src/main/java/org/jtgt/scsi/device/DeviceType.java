// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A peripheral device type: makes the device server of a logical unit. */
@FunctionalInterface
@ConsumerType
public interface DeviceType {
  /**
   * The device server of a new unit. The unit has no store and no identity to look at yet; it is
   * kept for later.
   */
  DeviceServer server(Unit unit);
}
