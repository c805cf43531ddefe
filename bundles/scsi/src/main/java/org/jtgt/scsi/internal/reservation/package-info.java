// SPDX-License-Identifier: Apache-2.0

/** The commands of reservations (SPC-4 6.15, 6.16; SPC-2 7.27 to 7.30). */
@NullMarked
package org.jtgt.scsi.internal.reservation;

import org.jspecify.annotations.NullMarked;
