// SPDX-License-Identifier: Apache-2.0

/**
 * The copy manager of each logical unit (SPC-4 5.17): EXTENDED COPY, RECEIVE COPY RESULTS and the
 * token based copy of SBC-3 4.35, between the logical units that a nexus reaches.
 */
@NullMarked
package org.jtgt.scsi.internal.copy;

import org.jspecify.annotations.NullMarked;
