// SPDX-License-Identifier: Apache-2.0

/**
 * How a test in the container steers the test doubles of stores. Each control is a service with the
 * {@code service.pid} of its store; from outside the container their configurations do the same.
 */
@Export
@Version("1.0.0")
@NullMarked
package org.jtgt.itests.doubles;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
