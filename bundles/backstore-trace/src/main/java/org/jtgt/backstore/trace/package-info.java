// SPDX-License-Identifier: Apache-2.0

/** The trace: a store that shows each I/O of the store below it. */
@NullMarked
package org.jtgt.backstore.trace;

import org.jspecify.annotations.NullMarked;
