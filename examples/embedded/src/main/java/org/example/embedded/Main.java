// SPDX-License-Identifier: Apache-2.0
package org.example.embedded;

import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import org.jtgt.iscsi.embedded.IscsiServer;
import org.jtgt.scsi.embedded.ScsiEngine;

/** A program that serves two disks of its own: one in its memory, one that it makes up. */
public final class Main {
  private static final String TARGET = "iqn.2026-11.org.example:embedded";

  private Main() {}

  /** Serves until it is ended. */
  public static void main(String[] args) throws Exception {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 3260;
    HeapStore memory = new HeapStore(64 << 20);
    ComputedStore numbers =
        new ComputedStore(
            "numbers",
            1 << 20,
            (offset, target) -> {
              for (long at = offset; target.hasRemaining(); at++) {
                target.put((byte) (at >>> 9));
              }
            });
    ScsiEngine engine = new ScsiEngine();
    IscsiServer server = IscsiServer.listen(new InetSocketAddress("127.0.0.1", port));
    server.add(engine.target(TARGET, memory, numbers));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              server.close();
              engine.close();
            }));
    // In one piece: who waits for the line may look at any moment.
    System.out.println("iscsi://127.0.0.1:" + server.address().getPort() + "/" + TARGET + "/0");
    new CountDownLatch(1).await();
  }
}
