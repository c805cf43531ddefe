// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles;

import org.osgi.annotation.versioning.ProviderType;

/** A store whose I/O takes as long as a test wants: no clock decides, the test does. */
@ProviderType
public interface SlowStoreControl {
  /** I/O that comes from now on waits in the store. */
  void hold();

  /** What waits goes on, and what comes is not held. */
  void release();

  /** Number of I/Os that wait in the store. */
  int held();
}
