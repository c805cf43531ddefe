// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A fixed-size array of bytes that keeps what is written to it: a file, a device, memory, a remote
 * volume.
 *
 * <p>A store is an OSGi service. Its name is the service property {@link #NAME}; without it, the
 * part of {@code service.pid} behind {@code ~}, so a component with a factory PID needs no code for
 * its name. The service is the store's life: registered means ready for I/O. Before it is
 * unregistered the user of the store drains it, so a store sees no I/O after its deactivation has
 * begun to return, and must not answer an I/O after it has.
 *
 * <p>Most stores implement {@link BlockingBackstore}, which needs five methods. This interface is
 * for stores that complete I/O from their own threads. All offsets and lengths are in bytes and
 * multiples of {@link #blockBytes()}; the caller has checked them against {@link #sizeBytes()}.
 *
 * <p>Everything optional is a method with a default here, or a capability found with {@link
 * #adapt}; a store that does not know a capability behaves correctly without it.
 *
 * <p>Thread rules: every method may be called by any thread, and {@link #submit} by several threads
 * at once. Overlapping I/Os that are in flight together may take effect in any order, but each as a
 * whole below the atomic unit only.
 */
@ConsumerType
public interface Backstore {
  /** Service property: the name that configurations use for this store. */
  String NAME = "org.jtgt.backstore.name";

  /**
   * Service property: tells one version of the code that serves this store from another; without
   * it, when the bundle was last updated. A store that stands on another puts the version of that
   * one into its own. After an upgrade a store has to be the same in size and identity.
   *
   * @since 1.1
   */
  String VERSION = "org.jtgt.backstore.version";

  /**
   * Identity of the stored data, the same for as long as it is the same data, wherever it is
   * attached: a UUID in a header, the device's WWN, the volume's id. After a store returns, equal
   * identity and size let held commands go on.
   *
   * @return non-empty text of at most 256 characters
   */
  String identity();

  /**
   * Size in bytes, a positive multiple of {@link #blockBytes()}. It changes only as {@link
   * SizeChange} tells.
   */
  long sizeBytes();

  /**
   * Smallest unit of I/O in bytes, a power of two from 512 to 65,536. A logical block is at least
   * as large.
   */
  default int blockBytes() {
    return 512;
  }

  /**
   * The unit in bytes that is written without a read-modify-write: a power of two, not below {@link
   * #blockBytes()}.
   */
  default int physicalBlockBytes() {
    return blockBytes();
  }

  /**
   * Transfer size in bytes that suits the store best, a multiple of {@link #physicalBlockBytes()};
   * 0 when all are alike.
   */
  default int optimalTransferBytes() {
    return 0;
  }

  /**
   * Whether writes are refused. A read-only store answers them with {@link
   * BackstoreException.Kind#WRITE_PROTECTED}.
   */
  default boolean readOnly() {
    return false;
  }

  /**
   * Whether a completed write may be lost with power or process until {@link
   * StoreIo.Operation#FLUSH} completes. When false, every write is stable at its completion and a
   * flush has nothing to do.
   */
  default boolean volatileCache() {
    return true;
  }

  /**
   * Whether the data is there again, with the same identity, after the process has ended and begun
   * anew. A store of which nothing is left then says false: another identity is no surprise after a
   * restart.
   *
   * @since 1.3
   */
  default boolean outlivesProcess() {
    return true;
  }

  /** Whether the medium has no seek cost (SBC-4 6.6.2, MEDIUM ROTATION RATE 0001h). */
  default boolean nonRotational() {
    return true;
  }

  /**
   * Granularity in bytes at which {@link StoreIo.Operation#UNMAP} releases space; 0 when the store
   * cannot unmap. Unmapped bytes read as zeros, always: a store that cannot promise it does not
   * offer unmap.
   */
  default int unmapGranularityBytes() {
    return 0;
  }

  /**
   * Largest write in bytes that is stored as a whole or not at all after a crash; 0 when none is
   * (SBC-4 4.29).
   */
  default int atomicUnitBytes() {
    return 0;
  }

  /** How {@link #submit} behaves; fixed for the life of the service. */
  Completion completion();

  /**
   * Starts one I/O. The store completes it exactly once with {@link StoreIo#complete()} or {@link
   * StoreIo#fail}, on any thread, as {@link #completion()} says. Never throws for an I/O error.
   */
  void submit(StoreIo io);

  /**
   * Takes one I/O if the calling thread need not wait for it: does it, for example a read of what
   * is in the page cache, or begins it and completes it later from a thread of its own. Asked only
   * of a {@link Completion#BLOCKING} store, on a network thread, which saves the way to a worker
   * thread and back.
   *
   * @return false when the I/O was not begun; it comes again by {@link #submit}. True when it is
   *     completed, or will be
   */
  default boolean submitAtOnce(StoreIo io) {
    return false;
  }

  /**
   * A capability beyond plain I/O: {@link AllocationMap}, {@link FreeSpace}, {@link SizeChange},
   * {@link Cancellation}, {@link ChannelTransfer}, {@link Snapshots}, {@link CopyOnWrite}, {@link
   * DrainNotice}, {@link CryptoErase} or one of a later version. A store that implements the
   * interface offers it; a store that stands on another overrides this to pass on what it does not
   * change.
   */
  default <C> Optional<C> adapt(Class<C> capability) {
    return capability.isInstance(this) ? Optional.of(capability.cast(this)) : Optional.empty();
  }

  /** How a store completes an I/O, so that no thread hop happens that is not needed. */
  enum Completion {
    /**
     * Inside {@link Backstore#submit}, without ever waiting: memory, a file in the page cache.
     * Called on network threads.
     */
    INLINE,
    /**
     * Inside {@link Backstore#submit}, perhaps after waiting for a device. Called on worker
     * threads, never interrupted.
     */
    BLOCKING,
    /**
     * {@link Backstore#submit} returns at once, the store completes from its own threads. Called on
     * network threads.
     */
    ASYNCHRONOUS
  }
}
