// SPDX-License-Identifier: Apache-2.0

/**
 * The main programs behind {@code bin/jtgt}: the daemon and its command-line client. No OSGi
 * bundle.
 */
@NullMarked
package org.jtgt.launcher;

import org.jspecify.annotations.NullMarked;
