// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.HashMap;
import java.util.Map;

/** RELATIVE TARGET PORT IDENTIFIERs (SPC-4 3.1.121): one for each distinct target port, from 1. */
final class RelativePorts {
  private final Map<String, Integer> byName = new HashMap<>();

  synchronized int of(String portName) {
    return byName.computeIfAbsent(portName, name -> byName.size() + 1);
  }
}
