// SPDX-License-Identifier: Apache-2.0

/** The memory store. */
@NullMarked
package org.jtgt.backstore.memory;

import org.jspecify.annotations.NullMarked;
