// SPDX-License-Identifier: Apache-2.0

/** What the unit tests of every store share; a test jar, never shipped. */
package org.jtgt.backstore.testing;
