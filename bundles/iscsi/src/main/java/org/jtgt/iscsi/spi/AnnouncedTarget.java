// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.spi;

import java.util.List;

/**
 * A target as it is reachable.
 *
 * @param name its iSCSI name in normal form (RFC 7143 4.2.7.2)
 * @param id the instance name of its configuration
 * @param alias its TargetAlias, perhaps empty
 * @param portals where it is offered, by name
 */
public record AnnouncedTarget(String name, String id, String alias, List<AnnouncedPortal> portals) {
  public AnnouncedTarget {
    portals = List.copyOf(portals);
  }
}
