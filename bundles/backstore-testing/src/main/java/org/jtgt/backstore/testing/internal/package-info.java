// SPDX-License-Identifier: Apache-2.0

/** The kit in the running container. */
@NullMarked
package org.jtgt.backstore.testing.internal;

import org.jspecify.annotations.NullMarked;
