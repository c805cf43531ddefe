// SPDX-License-Identifier: Apache-2.0
package org.jtgt.state;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One live object.
 *
 * @param name how an operator names it, unique in its kind
 * @param pid the configuration it was made from; empty when it has none
 * @param values what is known of it, in the order to show: text, {@link Long}, {@link Boolean},
 *     {@link java.time.Instant}, {@link java.time.Duration} or a list of texts. Keys end in their
 *     unit where they have one: {@code readBytes}. The key {@code state} says in one word how it
 *     is, {@code reason} why when that is not well, {@code target} and {@code lu} name the objects
 *     it uses.
 */
public record StateRow(String name, String pid, Map<String, Object> values) {
  public StateRow {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
