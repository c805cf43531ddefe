// SPDX-License-Identifier: Apache-2.0

/** The fault filter: a store that fails, delays and tears I/Os on demand. */
@NullMarked
package org.jtgt.backstore.fault;

import org.jspecify.annotations.NullMarked;
