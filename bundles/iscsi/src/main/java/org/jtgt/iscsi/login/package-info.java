// SPDX-License-Identifier: Apache-2.0

/** The login phase as a state machine (RFC 7143 6.3). */
@NullMarked
package org.jtgt.iscsi.login;

import org.jspecify.annotations.NullMarked;
