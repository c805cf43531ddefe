// SPDX-License-Identifier: Apache-2.0

/** Gogo commands of scope {@code tgt}: words in, tables out; the administration does the work. */
@NullMarked
package org.jtgt.shell;

import org.jspecify.annotations.NullMarked;
