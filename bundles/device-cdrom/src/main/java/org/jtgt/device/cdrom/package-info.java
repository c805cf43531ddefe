// SPDX-License-Identifier: Apache-2.0

/** A CD-ROM or DVD-ROM drive (MMC-6): a device type beside the disk, through exported packages. */
@NullMarked
package org.jtgt.device.cdrom;

import org.jspecify.annotations.NullMarked;
