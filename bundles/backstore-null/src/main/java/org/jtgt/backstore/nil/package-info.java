// SPDX-License-Identifier: Apache-2.0

/** The null store; {@code null} itself is no Java package name. */
@NullMarked
package org.jtgt.backstore.nil;

import org.jspecify.annotations.NullMarked;
