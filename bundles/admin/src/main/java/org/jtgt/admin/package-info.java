// SPDX-License-Identifier: Apache-2.0

/**
 * Administration of the container: create, list, change and remove stores, logical units, targets
 * and portals, whoever asks (a command, a file, an import, a REST call). One validator, one source
 * of truth: Configuration Admin.
 */
@Export
@Version("1.3.0")
@NullMarked
package org.jtgt.admin;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
