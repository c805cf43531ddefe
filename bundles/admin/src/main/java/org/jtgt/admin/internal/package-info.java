// SPDX-License-Identifier: Apache-2.0

/** The administration itself; nothing here is visible to other bundles. */
@NullMarked
package org.jtgt.admin.internal;

import org.jspecify.annotations.NullMarked;
