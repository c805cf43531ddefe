// SPDX-License-Identifier: Apache-2.0

/** The messages of iSNS (RFC 4171 clauses 5 and 6) as values with a codec. */
@NullMarked
package org.jtgt.isns.message;

import org.jspecify.annotations.NullMarked;
