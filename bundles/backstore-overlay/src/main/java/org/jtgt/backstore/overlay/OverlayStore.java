// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.SizeChange;
import org.jtgt.backstore.Snapshots;

/** An overlay as a store: its head, and the capabilities that it has. */
final class OverlayStore
    implements BlockingBackstore, AllocationMap, FreeSpace, SizeChange, AutoCloseable {
  private final Overlay overlay;
  private final OverlaySnapshots snapshots;
  private final Differences differences;
  private final CopyOnWriteArrayList<LongConsumer> listeners = new CopyOnWriteArrayList<>();

  private volatile boolean closed;

  private OverlayStore(Overlay overlay) {
    this.overlay = overlay;
    snapshots = new OverlaySnapshots(overlay);
    differences = new Differences(overlay);
  }

  /**
   * Opens an overlay, or makes it where there is none.
   *
   * @param clusterBytes of a new one
   * @throws IOException in one line, when it is damaged, or belongs to another base
   */
  static OverlayStore open(Backstore base, Folder folder, int clusterBytes) throws IOException {
    return open(base, folder, clusterBytes, PageMemory.OF_PROCESS);
  }

  /** As the other one, with the memory that maps may take. */
  static OverlayStore open(Backstore base, Folder folder, int clusterBytes, PageMemory memory)
      throws IOException {
    return new OverlayStore(Opening.overlay(base, folder, clusterBytes, memory));
  }

  @Override
  public String identity() {
    return overlay.identity();
  }

  @Override
  public long sizeBytes() {
    return overlay.images().bytes();
  }

  @Override
  public int blockBytes() {
    return overlay.contents().base().blockBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return Math.max(4096, overlay.contents().base().physicalBlockBytes());
  }

  @Override
  public int unmapGranularityBytes() {
    return overlay.contents().clusterBytes();
  }

  @Override
  public <C> Optional<C> adapt(Class<C> capability) {
    if (capability == Snapshots.class) {
      return Optional.of(capability.cast(snapshots));
    }
    return capability == CopyOnWrite.class
        ? Optional.of(capability.cast(differences))
        : BlockingBackstore.super.adapt(capability);
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws IOException {
    overlay.contents().each(offsetBytes, target, overlay::read);
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws IOException {
    overlay
        .contents()
        .each(
            offsetBytes,
            source,
            (cluster, from, part) -> {
              overlay.relieve();
              overlay.write(cluster, from, part);
            });
  }

  @Override
  public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap) throws IOException {
    int clusterBytes = overlay.contents().clusterBytes();
    overlay
        .contents()
        .each(
            offsetBytes,
            lengthBytes,
            (cluster, from, bytes) -> {
              long end = Math.min((cluster + 1) * clusterBytes, sizeBytes());
              boolean whole = from == 0 && cluster * clusterBytes + bytes == end;
              overlay.relieve();
              overlay.zero(cluster, from, bytes, mayUnmap, mayUnmap && whole);
            });
  }

  @Override
  public void flush() throws IOException {
    overlay.flush();
  }

  @Override
  public Extent extentAt(long offsetBytes) throws IOException {
    return overlay.contents().extentAt(overlay.images().head(), sizeBytes(), offsetBytes);
  }

  @Override
  public long allocatedBytes() {
    return overlay.space().takenPlaces() * overlay.contents().clusterBytes();
  }

  @Override
  public long freeBytes() throws IOException {
    long clusterBytes = overlay.contents().clusterBytes();
    // What unmapped clusters have left in the file can be taken again.
    long holes = (overlay.space().end() - overlay.space().takenPlaces()) * clusterBytes;
    return Math.min(
        overlay.space().freePlaces() * clusterBytes, overlay.folder().usableBytes() + holes);
  }

  /** As many bytes may lie in the overlay, its snapshots included. */
  void limit(long bytes) {
    overlay.space().limit(bytes / overlay.contents().clusterBytes());
  }

  /**
   * Gives the head another size.
   *
   * @throws IllegalArgumentException when that is less than it has
   */
  void resize(long bytes) throws IOException {
    long present = sizeBytes();
    if (bytes < present) {
      throw new IllegalArgumentException(
          "size: '%d' is less than the present %d; an overlay does not shrink"
              .formatted(bytes, present));
    }
    Opening.requireFit(bytes, overlay.contents().clusterBytes());
    if (bytes > present) {
      overlay.resize(bytes);
      listeners.forEach(listener -> listener.accept(bytes));
    }
  }

  @Override
  public Registration onSizeChange(LongConsumer listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Whether it can still be used. */
  boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    overlay.close();
  }
}
