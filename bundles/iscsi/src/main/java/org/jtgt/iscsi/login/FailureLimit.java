// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How many wrong answers an address may give: {@value #BURST} at once, then one in {@value
 * #SECONDS} seconds. It counts by address (an IPv6 host by its /64), never by user or initiator
 * name: whoever guesses locks out only himself. A right answer costs nothing.
 *
 * <p>Thread rules: any thread.
 */
public final class FailureLimit {
  static final int BURST = 10;
  static final int SECONDS = 3;

  /** Addresses remembered; the one that was heard of longest ago is forgotten first. */
  private static final int MOST_ADDRESSES = 4096;

  private static final class Bucket {
    int left = BURST;
    long since;
  }

  private final LongSupplier nanoTime;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MOST_ADDRESSES;
        }
      };

  public FailureLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Takes one answer; false when the address has none left. */
  synchronized boolean take(InetAddress peer) {
    long now = nanoTime.getAsLong();
    Bucket bucket = buckets.computeIfAbsent(key(peer), address -> new Bucket());
    long gained = (now - bucket.since) / (SECONDS * 1_000_000_000L);
    if (bucket.left == BURST) {
      bucket.since = now;
    } else if (gained > 0) {
      bucket.left = (int) Math.min(BURST, bucket.left + gained);
      bucket.since += gained * SECONDS * 1_000_000_000L;
    }
    if (bucket.left == 0) {
      return false;
    }
    bucket.left--;
    return true;
  }

  /** The answer that was taken was right. */
  synchronized void giveBack(InetAddress peer) {
    Bucket bucket = buckets.get(key(peer));
    if (bucket != null && bucket.left < BURST) {
      bucket.left++;
    }
  }

  private static String key(InetAddress peer) {
    byte[] bytes = peer.getAddress();
    return HexFormat.of().formatHex(peer instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
  }
}
