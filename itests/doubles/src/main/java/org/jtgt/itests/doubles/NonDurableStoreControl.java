// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles;

import org.osgi.annotation.versioning.ProviderType;

/** A store that keeps writes in memory until they are flushed into its file. */
@ProviderType
public interface NonDurableStoreControl {
  /** What power loss does: every write that was not flushed is gone. */
  void crash();

  /** Number of flushes that were done. */
  long flushes();
}
