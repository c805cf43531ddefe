// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An I/O of one's own: what to do is given once; a subclass says what becomes of its end. For who
 * uses a store: a filter, a test, a program without a SCSI engine.
 *
 * @since 1.3
 */
@ProviderType
public abstract class StoreRequest implements StoreIo {
  private static final ByteBuffer[] NO_BUFFERS = {};

  private final Operation operation;
  private final long offsetBytes;
  private final long lengthBytes;
  private final ByteBuffer[] buffers;
  private final boolean forceUnitAccess;
  private final boolean mayUnmap;

  /**
   * A READ or WRITE of all that remains in the buffers.
   *
   * @param buffers as {@link StoreIo#buffers()}, all of them in use
   */
  protected StoreRequest(
      Operation operation, long offsetBytes, boolean forceUnitAccess, ByteBuffer... buffers) {
    this(operation, offsetBytes, remaining(buffers), forceUnitAccess, false, buffers);
  }

  /** A FLUSH, UNMAP or WRITE_ZEROES, which have no data. */
  protected StoreRequest(
      Operation operation,
      long offsetBytes,
      long lengthBytes,
      boolean forceUnitAccess,
      boolean mayUnmap) {
    this(operation, offsetBytes, lengthBytes, forceUnitAccess, mayUnmap, NO_BUFFERS);
  }

  private StoreRequest(
      Operation operation,
      long offsetBytes,
      long lengthBytes,
      boolean forceUnitAccess,
      boolean mayUnmap,
      ByteBuffer[] buffers) {
    this.operation = operation;
    this.offsetBytes = offsetBytes;
    this.lengthBytes = lengthBytes;
    this.buffers = buffers;
    this.forceUnitAccess = forceUnitAccess;
    this.mayUnmap = mayUnmap;
  }

  private static long remaining(ByteBuffer[] buffers) {
    long bytes = 0;
    for (ByteBuffer buffer : buffers) {
      bytes += buffer.remaining();
    }
    return bytes;
  }

  @Override
  public final Operation operation() {
    return operation;
  }

  @Override
  public final long offsetBytes() {
    return offsetBytes;
  }

  @Override
  public final long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public final ByteBuffer[] buffers() {
    return buffers;
  }

  @Override
  public int bufferCount() {
    return buffers.length;
  }

  @Override
  public final boolean forceUnitAccess() {
    return forceUnitAccess;
  }

  @Override
  public final boolean mayUnmap() {
    return mayUnmap;
  }
}
