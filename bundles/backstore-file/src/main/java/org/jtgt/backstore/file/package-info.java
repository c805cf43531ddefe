// SPDX-License-Identifier: Apache-2.0

/** The file store: a regular file or block device. */
@NullMarked
package org.jtgt.backstore.file;

import org.jspecify.annotations.NullMarked;
