// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.List;
import java.util.Optional;

/**
 * A kind of object that an installed bundle offers, read from the bundle's Metatype.
 *
 * @param pid factory PID, or PID of a singleton
 * @param word how commands call it: {@code file}, {@code lu}, {@code target}
 * @param category what its objects are for
 * @param factory whether there may be many; otherwise it is a singleton
 * @param title short human-readable name
 * @param description one or two sentences; may be empty
 * @param attributes the keys, in the order of the definition
 * @param bundle symbolic name of the bundle that offers it
 */
public record ObjectType(
    String pid,
    String word,
    Category category,
    boolean factory,
    String title,
    String description,
    List<Attribute> attributes,
    String bundle) {
  public ObjectType {
    attributes = List.copyOf(attributes);
  }

  /** The attribute of that key. */
  public Optional<Attribute> attribute(String key) {
    return attributes.stream().filter(a -> a.key().equals(key)).findFirst();
  }
}
