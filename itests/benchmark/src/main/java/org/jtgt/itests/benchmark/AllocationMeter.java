// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Bytes that threads of another JVM of this user have allocated on its heap, told by itself. */
final class AllocationMeter implements AutoCloseable {
  private final JMXConnector connector;
  private final ThreadMXBean threads;

  private AllocationMeter(JMXConnector connector) throws IOException {
    this.connector = connector;
    MBeanServerConnection server = connector.getMBeanServerConnection();
    threads =
        ManagementFactory.newPlatformMXBeanProxy(
            server, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
  }

  /** Attaches to a process and starts its management agent, on the loopback only. */
  @SuppressWarnings("BanJNDI") // The peer is a process that this one has just attached to.
  static AllocationMeter attach(long pid) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      try {
        return new AllocationMeter(
            JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent())));
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException("process " + pid + " is no JVM that can be attached to", e);
    }
  }

  /** Bytes allocated so far by each live thread whose name fits. */
  Map<String, Long> allocatedBytes(Predicate<String> name) {
    Map<String, Long> bytes = new HashMap<>();
    long[] ids = threads.getAllThreadIds();
    ThreadInfo[] infos = threads.getThreadInfo(ids);
    long[] allocated = threads.getThreadAllocatedBytes(ids);
    for (int i = 0; i < ids.length; i++) {
      if (infos[i] != null && name.test(infos[i].getThreadName())) {
        bytes.put(infos[i].getThreadName() + '#' + ids[i], allocated[i]);
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
