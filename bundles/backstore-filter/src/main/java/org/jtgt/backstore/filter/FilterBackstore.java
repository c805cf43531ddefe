// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import java.util.Optional;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Cancellation;
import org.jtgt.backstore.ChannelTransfer;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.DrainNotice.Notice;
import org.jtgt.backstore.StoreIo;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A store that is the store below it in every respect; a filter overrides what it changes. A filter
 * that leaves content, size and identity as they are can be inserted and removed under I/O.
 */
@ConsumerType
public abstract class FilterBackstore implements Backstore {
  private final Backstore below;

  /** Stands on a store, for as long as that is there. */
  protected FilterBackstore(Backstore below) {
    this.below = below;
  }

  /** The store below. */
  protected final Backstore below() {
    return below;
  }

  /** For a filter that has a notice of its own: tells the store below too. */
  protected final Notice drainingBelow() {
    return below.adapt(DrainNotice.class).map(DrainNotice::draining).orElse(() -> {});
  }

  @Override
  public String identity() {
    return below.identity();
  }

  @Override
  public long sizeBytes() {
    return below.sizeBytes();
  }

  @Override
  public int blockBytes() {
    return below.blockBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return below.physicalBlockBytes();
  }

  @Override
  public int optimalTransferBytes() {
    return below.optimalTransferBytes();
  }

  @Override
  public boolean readOnly() {
    return below.readOnly();
  }

  @Override
  public boolean volatileCache() {
    return below.volatileCache();
  }

  @Override
  public boolean outlivesProcess() {
    return below.outlivesProcess();
  }

  @Override
  public boolean nonRotational() {
    return below.nonRotational();
  }

  @Override
  public int unmapGranularityBytes() {
    return below.unmapGranularityBytes();
  }

  @Override
  public int atomicUnitBytes() {
    return below.atomicUnitBytes();
  }

  @Override
  public Completion completion() {
    return below.completion();
  }

  @Override
  public void submit(StoreIo io) {
    below.submit(io);
  }

  /**
   * What the filter itself offers, else what the store below does; except the capabilities that
   * carry I/O past {@link #submit}. A filter that changes what bytes mean, or where they are,
   * overrides this and passes on nothing that it has not thought of.
   */
  @Override
  public <C> Optional<C> adapt(Class<C> capability) {
    if (capability.isInstance(this)) {
      return Optional.of(capability.cast(this));
    }
    return capability == ChannelTransfer.class || capability == Cancellation.class
        ? Optional.empty()
        : below.adapt(capability);
  }
}
