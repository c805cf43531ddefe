// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.Optional;

/**
 * Where the files of an overlay lie; so that a test sees what happens to them, and in which order.
 */
interface Folder {
  /** A file that this overlay alone has open; made when it is missing. */
  Disk open(String name) throws IOException;

  /** A file that must not be made; empty when there is none. */
  Optional<Disk> existing(String name) throws IOException;

  /** Puts a file into the place of the one of that name: after a crash it is the old or the new. */
  Disk replace(String name, Content content) throws IOException;

  /** A file without a name, that is gone when it is closed or the process ends. */
  Disk scratch() throws IOException;

  /** Bytes that files here can still take. */
  long usableBytes() throws IOException;

  /** Fills a new file. */
  @FunctionalInterface
  interface Content {
    void write(Disk file) throws IOException;
  }
}
