// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one encrypted store. */
@ObjectClassDefinition(
    name = "Encryption",
    description = "AES-256-XTS over another store. Its first MiB holds a header with the salt.")
@interface CryptConfig {
  /** The store below. */
  @AttributeDefinition(
      name = "Base",
      description = "Name of the store that keeps the encrypted bytes; nobody else writes to it.")
  String base();

  /** Where the secret is. */
  @AttributeDefinition(
      name = "Key file",
      description =
          "File with the secret, 16 bytes or more of any kind, readable by its owner alone. Without"
              + " it the data are lost.")
  String keyFile();

  /** Whether an empty store is made an encrypted one. */
  @AttributeDefinition(
      name = "Format",
      required = false,
      description = "Makes a base whose first MiB is all zeros an empty encrypted store.")
  boolean format() default false;
}
