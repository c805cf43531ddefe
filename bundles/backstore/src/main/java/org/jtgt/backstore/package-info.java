// SPDX-License-Identifier: Apache-2.0

/** What a store implements so that jtgt can serve its bytes as a logical unit. */
@Export
@Version("1.4.0")
@NullMarked
package org.jtgt.backstore;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
