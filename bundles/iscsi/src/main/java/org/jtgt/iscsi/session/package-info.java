// SPDX-License-Identifier: Apache-2.0

/** Sessions: identity, TSIH, command ordering, reinstatement (RFC 7143 4.2.2, 6.3.5). */
@NullMarked
package org.jtgt.iscsi.session;

import org.jspecify.annotations.NullMarked;
