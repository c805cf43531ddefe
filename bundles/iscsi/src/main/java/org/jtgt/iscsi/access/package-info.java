// SPDX-License-Identifier: Apache-2.0

/**
 * Who may log in to what, how it proves itself and on what terms: accounts, access rules and
 * policies as plain values.
 */
@NullMarked
package org.jtgt.iscsi.access;

import org.jspecify.annotations.NullMarked;
