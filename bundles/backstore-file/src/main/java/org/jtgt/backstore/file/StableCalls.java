// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.util.TreeSet;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/**
 * Judges the calls that make a file's data stable.
 *
 * <p>Linux drops the pages that it could not write and reports that once for each open file: of two
 * such calls at once, one fails and the other succeeds though its data are lost, and so does every
 * later one. Therefore a call counts as good only when those that ran beside it have ended too and
 * none has ever failed; after one failure nothing that the file holds counts as stable until it is
 * opened anew. A write that finds no space is no such failure where the data before it are kept.
 * Safe for use by several threads.
 */
final class StableCalls {
  /** Writes to stable storage. */
  @FunctionalInterface
  interface Call {
    void run() throws IOException;
  }

  /** Tells whether a write that found no space has left all others' data as they should be. */
  @FunctionalInterface
  interface Check {
    boolean lostNothing() throws IOException;
  }

  private final String file;
  private final TreeSet<Long> running = new TreeSet<>();
  private long next;
  private boolean failed;

  StableCalls(String file) {
    this.file = file;
  }

  /**
   * Runs one call, beside others if need be.
   *
   * @throws IOException when it fails, or one that ran before or beside it
   */
  void run(Call call) throws IOException {
    run(call, () -> false);
  }

  /**
   * Runs one call that may find no space.
   *
   * @throws IOException when it fails, or one that ran before or beside it
   */
  void run(Call call, Check check) throws IOException {
    long ticket = begin();
    boolean good = false;
    try {
      call.run();
      good = true;
    } catch (BackstoreException failure) {
      good = failure.kind() == Kind.FULL && check.lostNothing();
      throw failure;
    } finally {
      end(ticket, good);
    }
    awaitNeighbours();
  }

  private synchronized long begin() throws BackstoreException {
    refuseAfterFailure();
    running.add(next);
    return next++;
  }

  private synchronized void end(long ticket, boolean good) {
    running.remove(ticket);
    failed |= !good;
    notifyAll();
  }

  /** Calls that begin from here on cannot have been told of a failure in place of this one. */
  private synchronized void awaitNeighbours() throws BackstoreException {
    long later = next;
    boolean interrupted = false;
    while (!failed && !running.isEmpty() && running.first() < later) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // the calls end by themselves; who interrupted is told afterwards
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    refuseAfterFailure();
  }

  private void refuseAfterFailure() throws BackstoreException {
    if (failed) {
      throw BackstoreException.of(
          Kind.OTHER, file + ": an earlier flush failed, so written data may be lost");
    }
  }
}
