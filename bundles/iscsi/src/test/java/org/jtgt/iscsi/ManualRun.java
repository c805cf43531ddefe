// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Executors;
import org.jtgt.iscsi.connection.FakeTarget;

final class ManualRun {
  public static void main(String[] args) throws Exception {
    IscsiTransport transport =
        new IscsiTransport(Annotations.of(IscsiConfig.class, Map.of("transport", args[1])));
    transport.addTarget(
        new FakeTarget(
            "iqn.2026-11.org.jtgt:fake",
            512 << 20,
            args[2].equals("inline") ? Runnable::run : Executors.newFixedThreadPool(2)));
    new RunningPortal(
            transport,
            new Portal(
                "p",
                "pid",
                new InetSocketAddress(
                    InetAddress.getByName("127.0.0.1"), Integer.parseInt(args[0])),
                1,
                ""))
        .open();
    Thread.sleep(Long.MAX_VALUE);
  }
}
