// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;

/** Configuration annotations with their defaults and some values set. */
final class Annotations {
  private Annotations() {}

  static <A extends Annotation> A of(Class<A> type, Map<String, Object> values) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                values.getOrDefault(method.getName(), method.getDefaultValue())));
  }
}
