// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.nio.ByteBuffer;

/** XTS-AES (IEEE 1619-2018 clause 5) of whole data units, in place. Any thread. */
interface Xts extends AutoCloseable {
  /**
   * Encrypts or decrypts data units that lie one behind the other.
   *
   * @param data direct; what remains is a multiple of the unit, and the position stays
   * @param unitBytes a multiple of 16
   * @param firstUnit number of the first data unit, the tweak of 5.1
   */
  void crypt(boolean encrypt, ByteBuffer data, int unitBytes, long firstUnit);

  /** What does the work, for the log. */
  String provider();

  /** Forgets the key. */
  @Override
  void close();

  /** The fastest there is here, for a key of 32 bytes (AES-128) or 64 (AES-256). */
  static Xts of(byte[] key) {
    return OpenSslXts.available() ? new OpenSslXts(key) : new JavaXts(key);
  }
}
