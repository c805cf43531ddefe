// SPDX-License-Identifier: Apache-2.0

/**
 * What a device type needs: it makes logical units through {@link
 * org.jtgt.scsi.device.LogicalUnits}, with a {@link org.jtgt.scsi.device.DeviceServer} of its own
 * whose commands are rows of a table and run in tasks.
 */
@Export
@Version("1.2.0")
@NullMarked
package org.jtgt.scsi.device;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
