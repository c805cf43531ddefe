// SPDX-License-Identifier: Apache-2.0

/** The components of the iSCSI transport: settings, portals, targets, live state. */
@NullMarked
package org.jtgt.iscsi;

import org.jspecify.annotations.NullMarked;
