// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows values as the annotation type of a component's configuration, as SCR does (OSGi Compendium
 * 8, 112.8.2.2). For the types and names that our configurations have: texts, numbers, booleans and
 * lists of texts, whose keys are the methods' names.
 */
final class TypedValues {
  private TypedValues() {}

  static <A> A of(Class<A> type, Map<String, Object> values) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          Object value = values.getOrDefault(method.getName(), method.getDefaultValue());
          return converted(value, method.getReturnType());
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object converted(@Nullable Object value, Class<?> type) {
    if (type == String[].class) {
      return switch (value) {
        case null -> new String[0];
        case Object[] array -> texts(List.of(array));
        case Collection<?> items -> texts(items);
        default -> new String[] {value.toString()};
      };
    }
    if (type == boolean.class) {
      return value instanceof Boolean yes && yes;
    }
    if (type == int.class) {
      return value instanceof Number number ? number.intValue() : 0;
    }
    if (type == String.class) {
      return value == null ? "" : value.toString();
    }
    throw new IllegalArgumentException("no key of a configuration is a " + type);
  }

  private static String[] texts(Collection<?> items) {
    return items.stream().map(Object::toString).toArray(String[]::new);
  }
}
