// SPDX-License-Identifier: Apache-2.0

/**
 * Tells whether a store is fit to be served: the contract as checks, and what tests of stores
 * share.
 */
@Export
@Version("1.0.0")
@NullMarked
package org.jtgt.backstore.testing;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
