// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt.spi;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps secrets of encrypted stores: a vault, a hardware module, a question to an operator. An OSGi
 * service with the property {@link #NAME}; an encrypted store waits until it is there, asks it when
 * it is opened, and does not need it after that.
 *
 * <p>Thread rules: any thread. It may wait a few seconds for its answer, and nothing else of its
 * store goes on meanwhile.
 */
@ConsumerType
public interface KeyService {
  /** Service property: the name that configurations use for this service. */
  String NAME = "org.jtgt.backstore.crypt.keyservice";

  /**
   * The secret under an identifier, the same bytes for ever.
   *
   * @param key the identifier, as the store's configuration has it
   * @return 16 to 65,536 bytes; the caller overwrites the array when it has done with it
   * @throws IOException in one line without any secret, when there is none or it cannot be had now;
   *     it is asked again, with growing pauses
   */
  byte[] secret(String key) throws IOException;
}
