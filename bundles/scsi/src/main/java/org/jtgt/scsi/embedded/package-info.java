// SPDX-License-Identifier: Apache-2.0

/** The SCSI engine inside a program of one's own, without a container and without files. */
@Export
@Version("1.0.0")
@NullMarked
package org.jtgt.scsi.embedded;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
