// SPDX-License-Identifier: Apache-2.0

/** Text keys and their negotiation (RFC 7143 clauses 6 and 13). */
@NullMarked
package org.jtgt.iscsi.text;

import org.jspecify.annotations.NullMarked;
