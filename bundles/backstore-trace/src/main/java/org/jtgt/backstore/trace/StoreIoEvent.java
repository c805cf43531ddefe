// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.trace;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** One I/O, from its submission to its completion. */
@Name("org.jtgt.StoreIo")
@Label("Store I/O")
@Category("jtgt")
@Description("One I/O of a store, from its submission to its completion")
@StackTrace(false)
final class StoreIoEvent extends Event {
  @Label("Store")
  String store = "";

  @Label("Operation")
  String operation = "";

  @Label("Offset")
  @DataAmount
  long offsetBytes;

  @Label("Length")
  @DataAmount
  long lengthBytes;

  @Label("Force Unit Access")
  boolean forceUnitAccess;

  @Label("Failure")
  @Nullable String failure;
}
