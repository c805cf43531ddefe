// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.connect.FrameworkUtilHelper;

/**
 * Answers {@code FrameworkUtil.getBundle} for classes that a bundle took from the class path, whose
 * class loader does not tell. The log asks so whose logger one is. A service of the JVM.
 */
public final class BundleOfClass implements FrameworkUtilHelper {
  private static final Map<Path, Bundle> BUNDLES = new ConcurrentHashMap<>();

  /** That bundle takes its classes from that jar of the class path. */
  static void put(Path jar, Bundle bundle) {
    BUNDLES.put(jar, bundle);
  }

  @Override
  public Optional<Bundle> getBundle(Class<?> classFromBundle) {
    CodeSource source = classFromBundle.getProtectionDomain().getCodeSource();
    if (classFromBundle.getClassLoader() != BundleOfClass.class.getClassLoader()
        || source == null) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(BUNDLES.get(Path.of(source.getLocation().toURI())));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
