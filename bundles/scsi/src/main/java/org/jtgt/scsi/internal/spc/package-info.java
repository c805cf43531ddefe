// SPDX-License-Identifier: Apache-2.0

/** The commands and pages of every device type (SPC-4). */
@NullMarked
package org.jtgt.scsi.internal.spc;

import org.jspecify.annotations.NullMarked;
