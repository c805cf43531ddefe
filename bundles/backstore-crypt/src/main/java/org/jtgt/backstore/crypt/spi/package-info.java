// SPDX-License-Identifier: Apache-2.0

/** What a key service implements so that encrypted stores get their secrets from it. */
@Export
@Version("1.0.0")
@NullMarked
package org.jtgt.backstore.crypt.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
