// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.UUID;
import org.jtgt.backstore.Backstore;

/** Opens an overlay, or makes it where there is none. */
final class Opening {
  /** Of one image: what tells where the pages of its map are takes memory for each of them. */
  private static final long MOST_CLUSTERS = 1L << 30;

  private static final int LEAST_CHOSEN_BYTES = 1 << 16;
  private static final int MOST_CHOSEN_BYTES = 1 << 20;

  /** So many clusters have their map in 2 GiB, 16 TiB of 64 KiB each. */
  private static final long MANY_CLUSTERS = 1L << 28;

  private Opening() {}

  /** Bytes of a cluster, where nobody says how many. */
  static int clusterBytes(long bytes) {
    int chosen = LEAST_CHOSEN_BYTES;
    while (chosen < MOST_CHOSEN_BYTES && (bytes - 1) / chosen >= MANY_CLUSTERS) {
      chosen *= 2;
    }
    return chosen;
  }

  /** See {@link OverlayStore#open}. */
  static Overlay overlay(Backstore base, Folder folder, int clusterBytes, PageMemory memory)
      throws IOException {
    Disk data = folder.open("data");
    Pages pages = new Pages(memory, folder);
    try {
      return open(base, folder, data, clusterBytes, pages);
    } catch (IOException | RuntimeException | Error failure) {
      pages.close();
      data.close();
      throw failure;
    }
  }

  private static Overlay open(
      Backstore base, Folder folder, Disk data, int clusterBytes, Pages pages) throws IOException {
    Disk map = folder.existing(MapLog.FILE).orElse(null);
    if (map == null && data.sizeBytes() > 0) {
      throw new IOException("path: its map is missing, and its data are not empty");
    }
    if (map == null) {
      requireFit(base.sizeBytes(), clusterBytes);
      MapLog.create(
              folder,
              new MapLog.Header(clusterBytes, base.sizeBytes(), UUID.randomUUID(), base.identity()))
          .close();
      map = folder.existing(MapLog.FILE).orElseThrow();
    }
    try {
      return read(base, folder, data, map, pages);
    } catch (IOException | RuntimeException | Error failure) {
      map.close();
      throw failure;
    }
  }

  /** Whether a size can be told in clusters. */
  static void requireFit(long bytes, int clusterBytes) throws IOException {
    if (bytes / clusterBytes >= MOST_CLUSTERS) {
      throw new IOException(
          "clusterSize: %d bytes are too few for %d; allowed: at most %d clusters"
              .formatted(clusterBytes, bytes, MOST_CLUSTERS));
    }
  }

  private static Overlay read(Backstore base, Folder folder, Disk data, Disk map, Pages pages)
      throws IOException {
    MapLog.Header header = MapLog.header(map);
    if (!header.base().equals(base.identity()) || header.baseBytes() > base.sizeBytes()) {
      throw new IOException(
          "base: is %s with %d bytes; this overlay belongs to %s with %d"
              .formatted(base.identity(), base.sizeBytes(), header.base(), header.baseBytes()));
    }
    requireFit(header.baseBytes(), header.clusterBytes());
    Images images = new Images(pages, header.clusterBytes(), header.baseBytes());
    MapLog log = MapLog.open(map, header, images::apply);
    Contents contents = new Contents(base, header.baseBytes(), data, header.clusterBytes());
    Overlay overlay = new Overlay(contents, folder, log, images, pages);
    overlay.recount();
    overlay.rewriteWhenIdle(0);
    return overlay;
  }
}
