// SPDX-License-Identifier: Apache-2.0

/**
 * What a device type needs: the command table, the task that a command runs in, sense data. Shaped
 * for export; private until a second device type stands on it.
 */
@NullMarked
package org.jtgt.scsi.device;

import org.jspecify.annotations.NullMarked;
