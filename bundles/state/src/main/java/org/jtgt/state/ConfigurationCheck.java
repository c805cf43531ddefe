// SPDX-License-Identifier: Apache-2.0
package org.jtgt.state;

import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A whiteboard service: says before values are stored as a configuration what its component would
 * say to them. For forms that Metatype cannot describe, such as addresses and secrets; it is asked
 * after types, bounds and options were found right.
 *
 * <p>Thread rules: any thread; it changes nothing and does not wait for others.
 *
 * @since 1.2
 */
@ConsumerType
public interface ConfigurationCheck {
  /**
   * The first thing that is wrong, in the form {@code key: what; allowed: what}, without secrets;
   * empty when nothing is, or when the configuration is none of its own.
   *
   * @param type PID or factory PID
   * @param pid PID of the one configuration
   * @param values typed as Metatype says; what is not given is missing
   */
  Optional<String> problem(String type, String pid, Map<String, Object> values);
}
