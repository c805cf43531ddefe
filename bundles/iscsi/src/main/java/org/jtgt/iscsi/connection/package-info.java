// SPDX-License-Identifier: Apache-2.0

/** One connection: phases, tasks and their data (RFC 7143 clauses 4 and 11). */
@NullMarked
package org.jtgt.iscsi.connection;

import org.jspecify.annotations.NullMarked;
