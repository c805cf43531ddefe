// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.osgi.annotation.versioning.ConsumerType;

/** Capability: bytes go to a channel without passing through user space (sendfile). */
@ConsumerType
public interface ChannelTransfer {
  /**
   * Sends bytes to a channel that may accept fewer than offered.
   *
   * @return bytes sent, 0 when the channel takes none now
   * @throws IOException as {@link BlockingBackstore#read}, or when the channel fails
   */
  long transferTo(long offsetBytes, long lengthBytes, WritableByteChannel target)
      throws IOException;
}
