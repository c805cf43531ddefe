// SPDX-License-Identifier: Apache-2.0

/** Encryption: a store whose bytes lie encrypted in another store. */
@NullMarked
package org.jtgt.backstore.crypt;

import org.jspecify.annotations.NullMarked;
