// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.trace;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one trace. */
@ObjectClassDefinition(
    name = "Trace",
    description =
        "Shows each I/O as an event of Java Flight Recorder (org.jtgt.StoreIo) and counts how long"
            + " they take (stats trace); leaves the data alone.")
@interface TraceConfig {
  /** The store below. */
  @AttributeDefinition(name = "Store", description = "Name of the store that is traced.")
  String store();
}
