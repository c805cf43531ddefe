// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

/**
 * What all logical units of an engine share.
 *
 * @param budget bytes for transfers
 * @param workers threads for what may wait
 * @param clock time
 * @param ports the target ports as units see them
 * @param stuckAborts watches over aborts that do not end
 * @param run tells this run of the container from others; empty when nothing is handed over in it
 */
record Shared(
    TransferBudget budget,
    BlockingWorkers workers,
    EngineClock clock,
    PortView ports,
    StuckAborts stuckAborts,
    String run) {}
