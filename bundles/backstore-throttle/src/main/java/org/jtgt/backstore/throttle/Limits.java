// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.throttle;

import org.jtgt.backstore.ByteSize;

/**
 * A checked configuration.
 *
 * @param ios per second, 0 for no limit
 * @param bytes per second, 0 for no limit
 * @param burstIos at least 1
 * @param burstBytes at least 1
 */
record Limits(long ios, long bytes, long burstIos, long burstBytes) {
  /**
   * Reads a configuration.
   *
   * @throws IllegalArgumentException with one line: key, value and what is allowed
   */
  static Limits of(ThrottleConfig config) {
    long bytes = size("bandwidth", config.bandwidth());
    long burstBytes = size("burstBytes", config.burstBytes());
    notNegative("iops", config.iops());
    notNegative("burstIos", config.burstIos());
    return new Limits(
        config.iops(),
        bytes,
        Math.max(1, config.burstIos() > 0 ? config.burstIos() : config.iops() / 10),
        Math.max(1, burstBytes > 0 ? burstBytes : bytes / 10));
  }

  private static long size(String key, String text) {
    return text == null || text.isBlank() ? 0 : ByteSize.parse(key, text).bytes();
  }

  private static void notNegative(String key, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "%s: '%d' is not allowed; allowed: 0 or more".formatted(key, value));
    }
  }
}
