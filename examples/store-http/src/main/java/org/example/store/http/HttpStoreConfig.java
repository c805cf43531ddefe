// SPDX-License-Identifier: Apache-2.0
package org.example.store.http;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one image; jtgt checks it against these definitions before the store starts. */
@ObjectClassDefinition(
    name = "HTTP image store",
    description = "A read-only disk image on a web server that answers range requests.")
@interface HttpStoreConfig {
  @AttributeDefinition(name = "URL", description = "http:// or https:// address of the image.")
  String url();

  @AttributeDefinition(
      name = "Timeout",
      description = "Seconds that the server may take for one answer.",
      min = "1",
      max = "300",
      defaultValue = "10")
  int timeoutSeconds() default 10;
}
