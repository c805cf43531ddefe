// SPDX-License-Identifier: Apache-2.0

/** Makes configurations and bundles of the files in {@code etc/} and {@code deploy/}. */
@NullMarked
package org.jtgt.deploy;

import org.jspecify.annotations.NullMarked;
