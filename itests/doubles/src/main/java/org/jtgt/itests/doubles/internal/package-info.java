// SPDX-License-Identifier: Apache-2.0

/** The test doubles themselves, components like any other store. */
@NullMarked
package org.jtgt.itests.doubles.internal;

import org.jspecify.annotations.NullMarked;
