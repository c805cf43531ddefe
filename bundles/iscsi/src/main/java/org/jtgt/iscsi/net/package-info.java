// SPDX-License-Identifier: Apache-2.0

/** The transport on Netty channels. */
@NullMarked
package org.jtgt.iscsi.net;

import org.jspecify.annotations.NullMarked;
