// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.List;

/**
 * A target port group as a logical unit reports it (SPC-4 6.37).
 *
 * @param id TARGET PORT GROUP
 * @param state ASYMMETRIC ACCESS STATE
 * @param preferred PREF
 * @param explicit whether SET TARGET PORT GROUPS may change its state
 * @param statusCode STATUS CODE: 0 none, 1 changed by SET TARGET PORT GROUPS, 2 changed implicitly
 * @param relativePorts its ports that reach the unit
 */
public record TargetPortGroup(
    int id,
    AccessState state,
    boolean preferred,
    boolean explicit,
    int statusCode,
    List<Integer> relativePorts) {}
