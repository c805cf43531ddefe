// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An I/O on its way through a filter: the one above in every respect, so that a filter sees its end
 * or changes a part of it.
 */
@ConsumerType
public abstract class FilteredIo implements StoreIo {
  private final StoreIo above;

  /** Passes an I/O on. */
  protected FilteredIo(StoreIo above) {
    this.above = above;
  }

  /** The I/O that the filter was given. */
  protected final StoreIo above() {
    return above;
  }

  @Override
  public Operation operation() {
    return above.operation();
  }

  @Override
  public long offsetBytes() {
    return above.offsetBytes();
  }

  @Override
  public long lengthBytes() {
    return above.lengthBytes();
  }

  @Override
  public ByteBuffer[] buffers() {
    return above.buffers();
  }

  @Override
  public int bufferCount() {
    return above.bufferCount();
  }

  @Override
  public boolean forceUnitAccess() {
    return above.forceUnitAccess();
  }

  @Override
  public boolean mayUnmap() {
    return above.mayUnmap();
  }

  @Override
  public void complete() {
    above.complete();
  }

  @Override
  public void fail(Throwable cause) {
    above.fail(cause);
  }
}
