// SPDX-License-Identifier: Apache-2.0

/**
 * The engine: I_T nexuses, logical units, task sets, store attachment, byte budget, worker threads.
 */
@NullMarked
package org.jtgt.scsi.internal.engine;

import org.jspecify.annotations.NullMarked;
