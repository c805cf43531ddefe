// SPDX-License-Identifier: Apache-2.0

/** ConfigAdmin's configurations on stable storage. */
@NullMarked
package org.jtgt.configurations.internal;

import org.jspecify.annotations.NullMarked;
