// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import org.jtgt.backstore.Backstore;

/** A store that stands on another, which is an {@link ArrayStore} here. */
public final class FilterUnderTest implements StoreUnderTest {
  /** Makes the filter's store. */
  @FunctionalInterface
  public interface Filter {
    /** Stands on a store; the first time that is empty. */
    Backstore on(ArrayStore base) throws Exception;
  }

  private final ArrayStore base;
  private final Filter filter;
  private final long shiftBytes;
  private boolean grows = true;

  /** A filter that leaves bytes where they are. */
  public FilterUnderTest(ArrayStore base, Filter filter) {
    this(base, 0, filter);
  }

  /**
   * A filter on a base.
   *
   * @param shiftBytes where in the base the filter's first byte lies
   */
  public FilterUnderTest(ArrayStore base, long shiftBytes, Filter filter) {
    this.base = base;
    this.filter = filter;
    this.shiftBytes = shiftBytes;
  }

  /** It keeps its size when its base grows. */
  public FilterUnderTest ofFixedSize() {
    grows = false;
    return this;
  }

  @Override
  public Backstore open() throws Exception {
    return filter.on(base);
  }

  /** As the one who keeps the filter does when its users have left. */
  @Override
  public void close(Backstore store) throws Exception {
    if (store instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  @Override
  public boolean resize(Backstore store, long sizeBytes) {
    if (grows) {
      base.grow((int) (shiftBytes + sizeBytes));
    }
    return grows;
  }

  @Override
  public boolean damage(Backstore store, long offsetBytes, long lengthBytes) {
    base.damage(shiftBytes + offsetBytes, lengthBytes);
    return true;
  }
}
