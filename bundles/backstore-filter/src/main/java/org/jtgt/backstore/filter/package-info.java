// SPDX-License-Identifier: Apache-2.0

/** What a store needs that stands on another store: a filter. */
@Export
@Version("1.2.0")
@NullMarked
package org.jtgt.backstore.filter;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
