// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The section that a test checks, with its document. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Section {
  String value();
}
