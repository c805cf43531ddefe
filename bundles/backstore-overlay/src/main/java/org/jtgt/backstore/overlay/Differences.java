// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.filter.BaseIo;

/** Moves what an overlay holds into its base, or throws it away. */
final class Differences implements CopyOnWrite {
  /** So many clusters are moved with one flush of the base, while I/O on them waits. */
  private static final int BATCH = 32;

  private final Overlay overlay;

  Differences(Overlay overlay) {
    this.overlay = overlay;
  }

  /**
   * Each cluster is stable in the base before the map stops naming it, so a crash finds it at one
   * place or at both. The clusters that are written to meanwhile are moved at the end, while I/O
   * waits.
   */
  @Override
  public void commit(boolean writeThrough) throws IOException {
    requireFitBase();
    moveAll(overlay::relieve);
    overlay.whileStable(() -> {
      requireFitBase();
      moveAll(() -> {});
      if (writeThrough) {
        overlay.writeThrough();
      }
    });
    overlay.flush();
    overlay.whileStable(overlay::recountOrLater);
  }

  private void requireFitBase() throws IOException {
    Contents contents = overlay.contents();
    if (!overlay.images().snapshots().isEmpty()) {
      throw new IOException(
          "snapshots (%s) need the base as it is; delete them first"
              .formatted(
                  String.join(
                      ", ",
                      overlay.images().snapshots().stream().map(Images.Image::name).toList())));
    }
    if (contents.base().readOnly()) {
      throw new IOException("the base is read-only");
    }
    if (overlay.images().bytes() > contents.baseBytes()) {
      throw new IOException(
          "the overlay has %d bytes, its base %d"
              .formatted(overlay.images().bytes(), contents.baseBytes()));
    }
  }

  /**
   * @param afterEach is done after each batch, while no lock is held by this
   */
  private void moveAll(ClusterLocks.Action afterEach) throws IOException {
    ClusterMap map = overlay.images().head();
    ByteBuffer buffer = ByteBuffer.allocateDirect(overlay.contents().clusterBytes());
    for (long first = map.next(0); first >= 0; ) {
      long[] batch = batch(map, first);
      overlay.locks().exclusively(batch, () -> move(batch, buffer));
      afterEach.run();
      first = map.next(batch[batch.length - 1] + 1);
    }
  }

  private static long[] batch(ClusterMap map, long first) throws IOException {
    long[] batch = new long[BATCH];
    int count = 0;
    for (long cluster = first; cluster >= 0 && count < BATCH; cluster = map.next(cluster + 1)) {
      batch[count++] = cluster;
    }
    return Arrays.copyOf(batch, count);
  }

  private void move(long[] batch, ByteBuffer buffer) throws IOException {
    Contents contents = overlay.contents();
    for (long cluster : batch) {
      long offset = cluster * contents.clusterBytes();
      int there = (int) Math.min(contents.clusterBytes(), overlay.images().bytes() - offset);
      long place = overlay.images().head().place(cluster);
      if (place == ClusterMap.ZEROS) {
        BaseIo.zero(contents.base(), offset, there, true, false);
      } else if (place >= 0) {
        contents.read(place, cluster, 0, buffer.clear().limit(there));
        BaseIo.write(contents.base(), offset, buffer, false);
      }
    }
    BaseIo.flush(contents.base());
    for (long cluster : batch) {
      if (overlay.images().head().place(cluster) != ClusterMap.BASE) {
        overlay.reserve();
        overlay.change(cluster, ClusterMap.BASE);
      }
    }
  }

  @Override
  public void discard() throws IOException {
    overlay.whileStable(() -> {
      overlay.recorded(new Event.Discarded());
      overlay.recountOrLater();
    });
  }
}
