// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.io.IOException;
import java.util.Optional;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.internal.sbc.WholeMedium.Kind;
import org.jtgt.scsi.internal.sbc.WholeMedium.Order;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of one {@link WholeMedium} operation, as the steps of a task in the background: what was
 * ordered is done to each block, once or several times over.
 */
final class MediumPasses {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.scsi");

  /** What is written at a time. */
  private static final int PIECE_BYTES = 1 << 20;

  private final Unit unit;
  private final Order order;
  private final String store;
  private volatile long doneBytes;
  private volatile long totalBytes = 1;
  private long pieceBytes;
  private int pass;

  /**
   * @param store {@link Unit.Medium#storeIdentity()} of the store that it is about
   */
  MediumPasses(Unit unit, Order order, String store) {
    this.unit = unit;
    this.order = order;
    this.store = store;
  }

  /** What was ordered. */
  Order order() {
    return order;
  }

  /** What is done of it, in parts of 65536. */
  int progress() {
    return (int) (65_536.0 * doneBytes / totalBytes);
  }

  /** Whether the store is another one now: nobody asked that it be overwritten. */
  boolean isAnother() {
    return !unit.attachedMedium().storeIdentity().equals(store);
  }

  /** The first step. */
  void begin(Task task) {
    if (isAnother()) {
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    Unit.Medium medium = unit.attachedMedium();
    long bytes = medium.blocks() * medium.blockBytes();
    totalBytes = Math.max(1, bytes * Math.max(1, order.passes()));
    pieceBytes =
        Math.min(
            bytes,
            Math.min(PIECE_BYTES, unit.maximumTransferBytes())
                / medium.blockBytes()
                * (long) medium.blockBytes());
    if (order.kind() == Kind.CRYPTOGRAPHIC_ERASE) {
      task.mayWait(this::eraseKey);
    } else if (order.kind().zeroes()) {
      goOnElsewhere(task);
    } else {
      task.reserve((int) pieceBytes, this::reserved);
    }
  }

  /** Nothing can be deciphered after it; the zeros that follow are for who reads. */
  private void eraseKey(Task task) {
    Optional<CryptoErase> store = unit.store().flatMap(now -> now.adapt(CryptoErase.class));
    if (isAnother() || store.isEmpty()) {
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    try {
      store.get().eraseKey();
    } catch (IOException failure) {
      LOG.warn("logical unit {}: its key is not erased: {}", unit.name(), failure.toString());
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    next(task);
  }

  private void reserved(Task task) {
    task.allocateDataIn((int) pieceBytes);
    fill(task);
    goOnElsewhere(task);
  }

  private void fill(Task task) {
    Unit.Medium medium = unit.attachedMedium();
    byte[] block = new byte[medium.blockBytes()];
    boolean complement = order.invert() && pass % 2 == 1;
    for (int i = 0; i < block.length; i++) {
      byte value = order.pattern()[i % order.pattern().length];
      block[i] = (byte) (complement ? ~value : value);
    }
    Bytes.fill(task.dataIn(), block);
  }

  private void next(Task task) {
    if (isAnother()) {
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    Unit.Medium medium = unit.attachedMedium();
    long bytes = medium.blocks() * medium.blockBytes();
    long at = task.progress();
    if (at >= bytes) {
      pass++;
      if (pass < order.passes()) {
        task.progress(0);
        // Every pass reaches the medium before the next one replaces it.
        task.io(Operation.FLUSH, 0, 0, false, false, this::nextPass);
      } else if (order.kind() == Kind.BLOCK_ERASE && unit.unmaps()) {
        task.io(Operation.FLUSH, 0, 0, false, false, this::giveBack);
      } else {
        task.io(Operation.FLUSH, 0, 0, false, false, Task::good);
      }
      return;
    }
    long piece = Math.min(order.kind().zeroes() ? 64L << 20 : pieceBytes, bytes - at);
    task.progress(at + piece);
    doneBytes = Math.min(totalBytes - 1, pass * bytes + at);
    if (order.kind().zeroes()) {
      task.io(Operation.WRITE_ZEROES, at, piece, false, unit.unmaps(), this::goOnElsewhere);
    } else {
      int count = Range.window(task.dataIn(), piece);
      task.io(Operation.WRITE, at, piece, task.dataIn(), count, false, this::goOnElsewhere);
    }
  }

  /** Goes on elsewhere: a store that answers at once must not keep a network thread. */
  private void goOnElsewhere(Task task) {
    task.mayWait(this::next);
  }

  private void nextPass(Task task) {
    fill(task);
    next(task);
  }

  /** Erased blocks hold no space (SBC-3 4.11.3); their zeros have reached the medium before. */
  private void giveBack(Task task) {
    Unit.Medium medium = unit.attachedMedium();
    task.io(Operation.UNMAP, 0, medium.blocks() * medium.blockBytes(), true, true, Task::good);
  }
}
