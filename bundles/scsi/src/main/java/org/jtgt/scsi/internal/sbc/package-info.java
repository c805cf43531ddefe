// SPDX-License-Identifier: Apache-2.0

/** The commands of direct access block devices (SBC-3). */
@NullMarked
package org.jtgt.scsi.internal.sbc;

import org.jspecify.annotations.NullMarked;
