// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.Locale;

/** What an object is for; names are unique in a category. */
public enum Category {
  /** Keeps the bytes: every {@code org.jtgt.backstore.*} type. */
  STORE,
  /** A logical unit (SAM-5 4.6.9): a disk, or an {@code org.jtgt.device.*} type. */
  LU,
  /** A SCSI target device with its LUN map. */
  TARGET,
  /** An address and port where targets are reachable (RFC 7143 3.1, Network Portal). */
  PORTAL,
  /** Who may log in to which target, and on what terms: accounts, access rules, policies. */
  LOGIN,
  /** Target ports in one asymmetric access state (SPC-4 5.15, ALUA). */
  PORTGROUP,
  /** A singleton with the settings of one bundle. */
  SETTINGS,
  /** Configured by a bundle that this administration knows nothing more about. */
  OTHER;

  /** The word that commands use. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
