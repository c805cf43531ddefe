// SPDX-License-Identifier: Apache-2.0

/** Declarative Services: configuration in, services out. */
@NullMarked
package org.jtgt.scsi.internal.component;

import org.jspecify.annotations.NullMarked;
