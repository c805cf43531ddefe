// SPDX-License-Identifier: Apache-2.0

/** The iSNS client (RFC 4171): tells a name server which targets are on which portals. */
@NullMarked
package org.jtgt.isns;

import org.jspecify.annotations.NullMarked;
