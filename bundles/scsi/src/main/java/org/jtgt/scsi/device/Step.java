// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

/**
 * One piece of a command that runs without waiting: it ends the task, or asks the task for one
 * thing (bytes of the budget, data, a store I/O) that goes on with another step. Steps keep their
 * state in the task, so that a method reference serves every command and nothing is allocated.
 */
@FunctionalInterface
public interface Step {
  /** Runs; exactly one call on {@code task} that ends it or names the next step. */
  void run(Task task);
}
