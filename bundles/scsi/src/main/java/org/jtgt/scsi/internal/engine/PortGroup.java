// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jtgt.scsi.device.AccessState;

/**
 * A target port group (SPC-4 5.15.2.1): its state is that of all logical units of the container.
 */
final class PortGroup {
  /** The group of ports that no configured group has, id 1. */
  static final Settings DEFAULT =
      new Settings("", 1, List.of(), AccessState.ACTIVE_OPTIMIZED, false, false);

  static final int CHANGED_EXPLICITLY = 1;
  static final int CHANGED_IMPLICITLY = 2;

  private final Settings settings;
  private volatile AccessState state;
  private volatile int statusCode;

  /**
   * What is configured for a group.
   *
   * @param pid its configuration; empty when it has none
   * @param id TARGET PORT GROUP, 1 to 65,535
   * @param ports names of its target ports, where {@code *} stands for any text
   * @param state its state as the operator has set it
   * @param preferred PREF
   * @param explicit whether SET TARGET PORT GROUPS may change its state
   */
  record Settings(
      String pid,
      int id,
      List<String> ports,
      AccessState state,
      boolean preferred,
      boolean explicit) {}

  PortGroup(Settings settings) {
    this.settings = settings;
    this.state = settings.state();
  }

  Settings settings() {
    return settings;
  }

  AccessState state() {
    return state;
  }

  int statusCode() {
    return statusCode;
  }

  void state(AccessState value, int code) {
    state = value;
    statusCode = code;
  }

  boolean has(String portName) {
    return settings.ports().stream()
        .anyMatch(pattern ->
            portName.matches(
                Arrays.stream(pattern.split("\\*", -1))
                    .map(Pattern::quote)
                    .collect(Collectors.joining(".*"))));
  }
}
