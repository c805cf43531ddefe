// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The section that a test checks, RFC 7143 unless another document is named. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Section {
  String value();
}
