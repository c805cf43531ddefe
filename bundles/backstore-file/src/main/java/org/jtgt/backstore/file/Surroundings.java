// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/**
 * What a store takes from the container that it lives in.
 *
 * @param store the store's name
 * @param home folder where relative paths start
 * @param state folder for what must outlive the process; made when it is needed
 */
record Surroundings(String store, Path home, Path state) {
  static Surroundings of(BundleContext context, Map<String, Object> properties) {
    String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
    String home = context.getProperty("org.jtgt.home");
    String state = context.getProperty("org.jtgt.state.dir");
    File area = context.getDataFile("");
    Path stateRoot =
        state != null ? Path.of(state) : area != null ? area.toPath() : Path.of("state");
    return new Surroundings(
        pid.substring(pid.indexOf('~') + 1),
        Path.of(home == null ? "" : home),
        stateRoot.resolve("backstore-file"));
  }
}
