// SPDX-License-Identifier: Apache-2.0

/** Reads gotgt's {@code config.json} and declares its objects through the administration. */
@NullMarked
package org.jtgt.gotgt;

import org.jspecify.annotations.NullMarked;
