// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stands in for interfaces of the container. */
final class Fakes {
  private Fakes() {}

  /** What a method answers. */
  interface Answers {
    @Nullable Object of(String method, Object @Nullable [] arguments);
  }

  /** A configuration with some values and the defaults of the others. */
  static <T> T config(Class<T> type, Map<String, Object> values) {
    Map<String, Object> all = new HashMap<>();
    for (var method : type.getDeclaredMethods()) {
      Object otherwise = method.getDefaultValue();
      if (otherwise != null) {
        all.put(method.getName(), otherwise);
      }
    }
    all.putAll(values);
    return fake(type, all);
  }

  static <T> T fake(Class<T> type, Map<String, Object> answers) {
    return fake(type, (method, arguments) -> answers.get(method));
  }

  static <T> T fake(Class<T> type, Answers answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> answers.of(method.getName(), arguments)));
  }
}
