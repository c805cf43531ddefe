// SPDX-License-Identifier: Apache-2.0

/**
 * What a transport needs of the SCSI engine: target devices, I_T nexuses, commands, task management
 * (SAM-5).
 */
@Export
@Version("1.3.0")
@NullMarked
package org.jtgt.scsi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
