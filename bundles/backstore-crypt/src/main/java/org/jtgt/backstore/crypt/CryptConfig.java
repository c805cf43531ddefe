// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one encrypted store. */
@ObjectClassDefinition(
    name = "Encryption",
    description =
        "AES-256-XTS over another store. Its first MiB holds a header with the salt. The secret comes"
            + " from keyFile, or from keyService and key.")
@interface CryptConfig {
  /** The store below. */
  @AttributeDefinition(
      name = "Base",
      description = "Name of the store that keeps the encrypted bytes; nobody else writes to it.")
  String base();

  /** Where the secret is. */
  @AttributeDefinition(
      name = "Key file",
      required = false,
      description =
          "File with the secret, 16 bytes or more of any kind, readable by its owner alone. Without"
              + " it the data are lost.")
  String keyFile() default "";

  /** Who has the secret. */
  @AttributeDefinition(
      name = "Key service",
      required = false,
      description =
          "Name of a key service, which a bundle of its own brings, instead of a key file.")
  String keyService() default "";

  /** Which secret. */
  @AttributeDefinition(
      name = "Key",
      required = false,
      description = "Identifier of the secret in the key service; absent: the name of this store.")
  String key() default "";

  /** Whether an empty store is made an encrypted one. */
  @AttributeDefinition(
      name = "Format",
      required = false,
      description = "Makes a base whose first MiB is all zeros an empty encrypted store.")
  boolean format() default false;
}
