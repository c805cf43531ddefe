// SPDX-License-Identifier: Apache-2.0

/** Measures iSCSI targets side by side with the least work of its own. */
package org.jtgt.itests.benchmark;
