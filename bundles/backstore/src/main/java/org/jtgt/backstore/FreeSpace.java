// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Capability: tells how much a thin store holds and can still take. Called on threads that may
 * wait.
 */
@ConsumerType
public interface FreeSpace {
  /**
   * Bytes that hold space now.
   *
   * @throws IOException when it cannot be read
   */
  long allocatedBytes() throws IOException;

  /**
   * Bytes that can still be allocated before writes fail with {@link BackstoreException.Kind#FULL};
   * others may take them too.
   *
   * @throws IOException when it cannot be read
   */
  long freeBytes() throws IOException;
}
