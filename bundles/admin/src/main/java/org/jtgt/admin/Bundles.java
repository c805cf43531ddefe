// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Installs, replaces and takes away bundles of the running container as dropped jars do: what
 * depends on a bundle drains before and is looked at after. What is done survives a restart.
 *
 * <p>Thread rules: any thread that may wait. A refusal is an {@link AdminException}; what ran
 * before runs then.
 */
@ProviderType
public interface Bundles {
  /**
   * Installs a jar whose bundle is not there yet.
   *
   * @return what was done, in one line
   */
  String install(Path jar);

  /**
   * Replaces an installed bundle by a jar of its symbolic name.
   *
   * @param force also when something would be lost by it, such as a reservation that ends with its
   *     session
   * @return what was done, in one line
   */
  String update(Path jar, boolean force);

  /**
   * Takes away what was installed; a bundle that ships comes back as it ships.
   *
   * @param force as for {@link #update}
   * @return what was done, in one line
   */
  String uninstall(String symbolicName, boolean force);
}
