// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A configured object and how it is now.
 *
 * @param pid the configuration's PID
 * @param typePid PID of its type; the type may be missing when its bundle is
 * @param type the word of its type, or the PID when the type is missing
 * @param category what it is for
 * @param name unique in its category: the part of the PID behind {@code ~}; a singleton's type
 * @param values what its configuration gives, as text, in the order of the type's attributes;
 *     without what defaults give and without passwords
 * @param origin who made it
 * @param state one word: {@code active}, {@code idle} (nobody uses it yet), {@code failed}, {@code
 *     waiting}, {@code absent} or a word of the bundle that publishes its live state
 * @param reason why it is not well; empty when it is
 * @param usedBy what uses it, in words
 */
public record ManagedObject(
    String pid,
    String typePid,
    String type,
    Category category,
    String name,
    Map<String, String> values,
    Origin origin,
    String state,
    String reason,
    List<String> usedBy) {
  public ManagedObject {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    usedBy = List.copyOf(usedBy);
  }
}
