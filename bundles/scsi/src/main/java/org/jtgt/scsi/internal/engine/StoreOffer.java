// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import org.jtgt.backstore.Backstore;

/**
 * A store that logical units may use.
 *
 * @param store ready for I/O
 * @param version of the code that serves it; see {@link Backstore#VERSION}
 */
public record StoreOffer(Backstore store, String version) {}
