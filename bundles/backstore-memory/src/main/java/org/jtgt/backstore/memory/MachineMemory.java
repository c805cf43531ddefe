// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.memory;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** How much memory this machine, or the control group that the process lives in, has. */
final class MachineMemory {
  private MachineMemory() {}

  /** Bytes of memory; asked by name, so that the bundle imports no package of one vendor. */
  static long bytes() {
    try {
      return (Long)
          ManagementFactory.getPlatformMBeanServer()
              .getAttribute(new ObjectName("java.lang:type=OperatingSystem"), "TotalMemorySize");
    } catch (JMException unknown) {
      return Runtime.getRuntime().maxMemory();
    }
  }
}
