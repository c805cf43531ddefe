// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.OptionalLong;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;

/** What the initiator is told of a failed store I/O (ARCHITECTURE, Failures). */
final class StoreFailure {
  private StoreFailure() {}

  /**
   * An answer.
   *
   * @param status CHECK CONDITION or BUSY
   * @param sense sense data for CHECK CONDITION
   * @param retryWhenAttached whether to wait for the store instead
   */
  record Answer(ScsiStatus status, Sense sense, boolean retryWhenAttached) {
    static Answer check(Sense sense) {
      return new Answer(ScsiStatus.CHECK_CONDITION, sense, false);
    }
  }

  static Answer answer(Throwable cause, StoreIo io, LogicalUnit unit) {
    Kind kind = cause instanceof BackstoreException known ? known.kind() : Kind.OTHER;
    // A flush of the next store says nothing about what the one before had not made stable.
    boolean again = io.operation() != Operation.FLUSH;
    if (again && kind == Kind.GONE && !unit.attachment().isAttached()) {
      return new Answer(ScsiStatus.BUSY, Sense.NONE, true);
    }
    unit.reporter().storeFailed(unit.name(), unit.settings().store(), io, cause);
    boolean written = io.forceUnitAccess() && (kind == Kind.MEDIA || kind == Kind.OTHER);
    if (io.operation() == Operation.FLUSH || written) {
      // The write part or the flush part failed: what was acknowledged before may be lost, and a
      // second flush could succeed without having written it.
      unit.flushHasFailed();
    }
    return switch (kind) {
      case MEDIA -> Answer.check(media(cause, io, unit));
      case TRANSIENT -> new Answer(ScsiStatus.BUSY, Sense.NONE, false);
      case GONE -> Answer.check(Sense.LOGICAL_UNIT_BECOMING_READY);
      case FULL -> Answer.check(Sense.SPACE_ALLOCATION_FAILED);
      case WRITE_PROTECTED -> Answer.check(Sense.WRITE_PROTECTED);
      case OTHER -> Answer.check(Sense.INTERNAL_TARGET_FAILURE);
    };
  }

  private static Sense media(Throwable cause, StoreIo io, LogicalUnit unit) {
    Sense sense =
        io.operation() == Operation.READ ? Sense.UNRECOVERED_READ_ERROR : Sense.WRITE_ERROR;
    OptionalLong offset = ((BackstoreException) cause).offsetBytes();
    return offset.isPresent()
        ? sense.withInformation(offset.getAsLong() / unit.settings().blockBytes())
        : sense;
  }
}
