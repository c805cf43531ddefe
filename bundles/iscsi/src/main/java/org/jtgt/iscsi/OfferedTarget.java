// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jtgt.iscsi.spi.AnnouncedPortal;
import org.jtgt.iscsi.spi.AnnouncedTarget;
import org.jtgt.scsi.ScsiTarget;

/**
 * A target that initiators may log in to.
 *
 * @param device the target
 * @param id the instance name of its configuration; its iSCSI name when it has none
 */
record OfferedTarget(ScsiTarget device, String id) {
  static OfferedTarget of(ScsiTarget device, Map<String, Object> properties) {
    String pid = AccessControl.pid(properties, device.name());
    return new OfferedTarget(device, AccessControl.instance(pid));
  }

  /** Its iSCSI name in normal form (RFC 7143 4.2.7.2). */
  String name() {
    return device.name().toLowerCase(Locale.ROOT);
  }

  boolean reachableAt(String portal) {
    return device.portals().isEmpty() || device.portals().contains(portal);
  }

  /** As it is reachable through some of the portals. */
  AnnouncedTarget announced(List<Portal> among) {
    return new AnnouncedTarget(
        name(),
        id,
        device.alias(),
        among.stream()
            .filter(portal -> reachableAt(portal.name()))
            .map(portal ->
                new AnnouncedPortal(
                    portal.name(), portal.address(), portal.tag(), portal.advertise()))
            .toList());
  }
}
