// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * A {@link FaultyNetwork} for initiators that are programs of their own. It prints how often each
 * fault happened, whenever that changes.
 *
 * <pre>java FaultyNetworkMain.java PORT-FILE HOST PORT none|header|data|both SEED FAULT=RATE...
 * </pre>
 */
public final class FaultyNetworkMain {
  private FaultyNetworkMain() {}

  /** Writes its own port to a file and forwards until it is ended. */
  public static void main(String[] args) throws IOException, InterruptedException {
    String digests = args[3];
    FaultyNetwork network =
        new FaultyNetwork(
            new InetSocketAddress(args[1], Integer.parseInt(args[2])),
            digests.equals("header") || digests.equals("both"),
            digests.equals("data") || digests.equals("both"),
            Long.parseLong(args[4]));
    Map<NetworkFault, Double> rates = new EnumMap<>(NetworkFault.class);
    for (int i = 5; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      rates.put(
          NetworkFault.valueOf(args[i].substring(0, equals)),
          Double.valueOf(args[i].substring(equals + 1)));
    }
    network.faults(rates);
    Path file = Path.of(args[0]);
    Path whole = Files.writeString(Path.of(args[0] + ".new"), network.portal().getPort() + "\n");
    Files.move(whole, file);
    Map<NetworkFault, Integer> told = new EnumMap<>(NetworkFault.class);
    while (true) {
      for (NetworkFault fault : NetworkFault.values()) {
        int count = network.count(fault);
        if (!Integer.valueOf(count).equals(told.put(fault, count))) {
          System.out.println(fault + " " + count);
        }
      }
      Thread.sleep(100);
    }
  }
}
