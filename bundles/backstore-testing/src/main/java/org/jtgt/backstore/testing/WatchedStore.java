// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.util.Optional;
import java.util.function.Consumer;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;

/** The store under test; whatever a check submits to it is watched until the check ends. */
final class WatchedStore implements Backstore {
  private final Backstore actual;
  private final Consumer<String> watcher;

  WatchedStore(Backstore actual, Consumer<String> watcher) {
    this.actual = actual;
    this.watcher = watcher;
  }

  Backstore actual() {
    return actual;
  }

  /** A capability that the check cannot do without. */
  <C> C require(Class<C> capability) {
    return adapt(capability)
        .orElseThrow(() -> new NotApplicableException("it has no " + capability.getSimpleName()));
  }

  private void watch(StoreIo io) {
    if (io instanceof TestIo of) {
      of.watchedBy(watcher);
    }
  }

  @Override
  public void submit(StoreIo io) {
    watch(io);
    actual.submit(io);
  }

  @Override
  public boolean submitAtOnce(StoreIo io) {
    watch(io);
    return actual.submitAtOnce(io);
  }

  @Override
  public <C> Optional<C> adapt(Class<C> capability) {
    return actual.adapt(capability);
  }

  @Override
  public String identity() {
    return actual.identity();
  }

  @Override
  public long sizeBytes() {
    return actual.sizeBytes();
  }

  @Override
  public int blockBytes() {
    return actual.blockBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return actual.physicalBlockBytes();
  }

  @Override
  public int optimalTransferBytes() {
    return actual.optimalTransferBytes();
  }

  @Override
  public boolean readOnly() {
    return actual.readOnly();
  }

  @Override
  public boolean outlivesProcess() {
    return actual.outlivesProcess();
  }

  @Override
  public boolean volatileCache() {
    return actual.volatileCache();
  }

  @Override
  public boolean nonRotational() {
    return actual.nonRotational();
  }

  @Override
  public int unmapGranularityBytes() {
    return actual.unmapGranularityBytes();
  }

  @Override
  public int atomicUnitBytes() {
    return actual.atomicUnitBytes();
  }

  @Override
  public Completion completion() {
    return actual.completion();
  }
}
