// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/** The pages of one overlay's maps. */
final class Pages implements Closeable {
  /** What a page takes in memory that lies in the file. */
  static final int HANDLE_BYTES = 64;

  private final PageMemory memory;
  private final PageFile file;
  private long charged;

  Pages(PageMemory memory, Folder folder) {
    this.memory = memory;
    file = new PageFile(folder);
  }

  PageMemory memory() {
    return memory;
  }

  PageFile file() {
    return file;
  }

  /**
   * A new page.
   *
   * @throws BackstoreException of kind FULL, when there is room for it neither in memory nor in the
   *     file
   */
  Page create(long[] entries) throws BackstoreException {
    if (!memory.room(this)) {
      throw BackstoreException.of(
          Kind.FULL, "path: there is no space for the part of the map that memory does not hold");
    }
    Page page = new Page(this, entries);
    charge(HANDLE_BYTES);
    memory.entered(page);
    return page;
  }

  /**
   * Asks for memory for what tells where pages are.
   *
   * @throws BackstoreException of kind FULL, when maps have as much as they may
   */
  void require(long bytes) throws BackstoreException {
    if (!memory.holds(bytes)) {
      throw BackstoreException.of(
          Kind.FULL,
          "the maps of overlays fill their part of the memory; larger clusters, fewer snapshots or"
              + " a larger heap (-Xmx) help");
    }
  }

  synchronized void charge(long bytes) {
    charged += bytes;
    memory.charge(bytes);
  }

  /**
   * Gives up all but these.
   *
   * @param bytes what tells where those are, without the pages themselves
   */
  synchronized void retain(Set<Page> pages, long bytes) {
    memory.forget(this, pages);
    file.retain(pages);
    charge(bytes + (long) HANDLE_BYTES * pages.size() - charged);
  }

  @Override
  public void close() throws IOException {
    retain(Set.of(), 0);
    file.close();
  }
}
