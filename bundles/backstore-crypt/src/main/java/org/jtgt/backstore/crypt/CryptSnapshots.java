// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.util.List;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Snapshots;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots that the base keeps, which are encrypted as it is, as those of the store. A
 * snapshot of the base without this store's header, taken before there was one, is none of them.
 */
final class CryptSnapshots implements Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(CryptSnapshots.class);

  private final CryptStore store;
  private final Keys keys;
  private final Snapshots below;

  CryptSnapshots(CryptStore store, Keys keys, Snapshots below) {
    this.store = store;
    this.keys = keys;
    this.below = below;
  }

  @Override
  public void create(String name) throws IOException {
    below.create(name);
  }

  @Override
  public List<Snapshot> list() throws IOException {
    return below.list();
  }

  @Override
  public void delete(String name) throws IOException {
    below.delete(name);
  }

  /**
   * The header goes back with the data; the size does not, so it is written anew. Where that fails
   * the data are back all the same, and the next opening finds how far the base goes.
   */
  @Override
  public void rollBack(String name) throws IOException {
    Backstore image = below.open(name);
    long then;
    try {
      then = header(name, image).sizeBytes();
    } finally {
      close(image);
    }
    below.rollBack(name);
    if (then != store.sizeBytes()) {
      try {
        keys.write();
      } catch (IOException later) {
        LOG.warn("{}: its header tells the size of then: {}", store.identity(), later.toString());
      }
    }
  }

  @Override
  public Backstore open(String name) throws IOException {
    Backstore image = below.open(name);
    boolean fits = false;
    try {
      header(name, image);
      Backstore shown = store.shown(image);
      fits = true;
      return shown;
    } finally {
      if (!fits) {
        close(image);
      }
    }
  }

  private Header header(String name, Backstore image) throws IOException {
    return keys.in(image)
        .orElseThrow(
            () -> new IOException("snapshot " + name + " was not taken of this encrypted store"));
  }

  private static void close(Backstore image) throws IOException {
    if (image instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (IOException | RuntimeException failure) {
        throw failure;
      } catch (Exception failure) {
        throw new IOException(failure);
      }
    }
  }
}
