// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Capability: what the store holds is encrypted with a key that the store can throw away (SBC-3
 * 4.11.1, cryptographic erase). Called on threads that may wait.
 *
 * <p>A store offers it only where no copy of that key stays behind that it knows of: not where a
 * snapshot of what lies below keeps it.
 *
 * @since 1.4
 */
@ConsumerType
public interface CryptoErase {
  /**
   * Encrypts with another key from now on. When it returns, nothing that was written before can be
   * deciphered any more, by whatever secret, and that is on stable storage; bytes that have not
   * been written since read as anything. Identity and size stay. The caller drains first, and
   * writes zeros where it wants them.
   *
   * @throws IOException when the key could not be replaced. Each byte reads as before then, or as
   *     after an erase that went well; to call it again is right in either case
   */
  void eraseKey() throws IOException;
}
