// SPDX-License-Identifier: Apache-2.0

/** The PDUs of RFC 7143 clause 11: layout, framing and digests. */
@NullMarked
package org.jtgt.iscsi.pdu;

import org.jspecify.annotations.NullMarked;
