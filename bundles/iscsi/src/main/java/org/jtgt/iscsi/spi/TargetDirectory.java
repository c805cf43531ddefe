// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.spi;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What initiators can reach, for whoever announces it elsewhere: a client of a name server (RFC
 * 4171), of SLP (RFC 4018). Access rules are not considered: they are about who asks.
 *
 * <p>Thread rules: any thread.
 */
@ProviderType
public interface TargetDirectory {
  /** The targets that at least one listening portal offers, by name. */
  List<AnnouncedTarget> targets();

  /**
   * Runs something after each change of {@link #targets}, on the thread that changed it; it returns
   * quickly.
   *
   * @return stops that
   */
  Watch watch(Runnable changed);

  /** Something that runs until it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
