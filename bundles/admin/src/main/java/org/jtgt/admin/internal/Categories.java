// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import org.jtgt.admin.Category;

/** Which PID is what: the PIDs that docs/design-admin.md lists. */
final class Categories {
  private static final String STORE_PREFIX = "org.jtgt.backstore.";
  private static final String DEVICE_PREFIX = "org.jtgt.device.";
  private static final String OURS = "org.jtgt.";

  private Categories() {}

  static Category of(String typePid, boolean factory) {
    if (typePid.startsWith(STORE_PREFIX)) {
      return Category.STORE;
    }
    if (factory && typePid.startsWith(DEVICE_PREFIX)) {
      return Category.LU;
    }
    return switch (typePid) {
      case "org.jtgt.scsi.lu" -> Category.LU;
      case "org.jtgt.scsi.target" -> Category.TARGET;
      case "org.jtgt.iscsi.portal" -> Category.PORTAL;
      case "org.jtgt.iscsi.account", "org.jtgt.iscsi.access", "org.jtgt.iscsi.policy" ->
          Category.LOGIN;
      case "org.jtgt.scsi.portgroup" -> Category.PORTGROUP;
      default -> !factory && typePid.startsWith(OURS) ? Category.SETTINGS : Category.OTHER;
    };
  }

  static boolean ours(String typePid) {
    return typePid.startsWith(OURS);
  }

  static String lastSegment(String typePid) {
    return typePid.substring(typePid.lastIndexOf('.') + 1);
  }
}
