// SPDX-License-Identifier: Apache-2.0

/** The overlay: what is written lies over a base that is never changed; a thin clone of it. */
@NullMarked
package org.jtgt.backstore.overlay;

import org.jspecify.annotations.NullMarked;
