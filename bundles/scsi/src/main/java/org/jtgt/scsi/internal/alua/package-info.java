// SPDX-License-Identifier: Apache-2.0

/** The commands of asymmetric logical unit access (SPC-4 5.15.2, 6.37, 6.45). */
@NullMarked
package org.jtgt.scsi.internal.alua;

import org.jspecify.annotations.NullMarked;
