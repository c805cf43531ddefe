// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of one file store. */
@ObjectClassDefinition(
    name = "File store",
    description = "A regular file or block device as a store.")
@interface FileStoreConfig {
  /** Where the file is. */
  @AttributeDefinition(
      name = "Path",
      description =
          "Regular file or block device; a relative path starts at the folder of jtgt. Its folder"
              + " must exist. It may be changed for that of a file that is there.")
  String path();

  /** Size as {@link org.jtgt.backstore.ByteSize} reads it. */
  @AttributeDefinition(
      name = "Size",
      required = false,
      description =
          "Bytes, or K, M, G, T, P (powers of 1024), a multiple of 512: a file that does not exist"
              + " is created with it, sparse; an existing one must have it. A larger size given"
              + " to a store that has served it grows the file.")
  String size() default "";

  /** Whether writes are refused. */
  @AttributeDefinition(
      name = "Read only",
      required = false,
      description = "Opens the file for reading only and refuses writes.")
  boolean readOnly() default false;

  /** Whether other read-only users are allowed. */
  @AttributeDefinition(
      name = "Shared",
      required = false,
      description =
          "Several stores and programs may read the file at once; needs readOnly. Otherwise the"
              + " file is locked for this store alone.")
  boolean shared() default false;
}
