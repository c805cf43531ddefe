// SPDX-License-Identifier: Apache-2.0

/** The throttle: a store that takes only so many I/Os and bytes per second. */
@NullMarked
package org.jtgt.backstore.throttle;

import org.jspecify.annotations.NullMarked;
