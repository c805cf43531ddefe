// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.util.Optional;
import org.jtgt.backstore.Backstore;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The data of one store, which a check opens and closes as often as it likes. A test makes one for
 * each check. What a store cannot be asked for has a default, and the checks that need it are
 * skipped with the reason; they are the part of the contract that nobody has looked at then.
 */
@ConsumerType
public interface StoreUnderTest {
  /** What becomes of written bytes. */
  enum Keeps {
    /** They are there when the store is opened again. */
    DATA,
    /** They are gone when it is closed: memory. */
    DATA_WHILE_OPEN,
    /** They are gone at once; it reads as zeros for ever. */
    NOTHING
  }

  /**
   * Opens the store, as its activation does. The first time it is new: {@link #content()}, or all
   * zeros. Megabytes are enough; at most the first 8 MiB are tested in depth.
   */
  Backstore open() throws Exception;

  /** Closes it, as its deactivation does. */
  void close(Backstore store) throws Exception;

  /** What becomes of written bytes. */
  default Keeps keeps() {
    return Keeps.DATA;
  }

  /** The bytes of a store that is read-only. */
  default Optional<byte[]> content() {
    return Optional.empty();
  }

  /**
   * Ends the store as a power cut does: what was not made stable is lost, or may be; then it can be
   * opened again.
   *
   * @return false when that cannot be done; nothing has happened then
   */
  default boolean crash(Backstore store) throws Exception {
    return false;
  }

  /**
   * Changes the size of the open store, as a change of its configuration does.
   *
   * @return false when that cannot be done; nothing has happened then
   */
  default boolean resize(Backstore store, long sizeBytes) throws Exception {
    return false;
  }

  /**
   * Makes bytes of the open store unreadable, as a bad sector is.
   *
   * @return false when that cannot be done; nothing has happened then
   */
  default boolean damage(Backstore store, long offsetBytes, long lengthBytes) throws Exception {
    return false;
  }

  /** Removes what a check has left; every store is closed. */
  default void remove() throws Exception {}
}
