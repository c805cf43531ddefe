// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Felix FileInstall, where an operator runs it beside us: it has folders of its own. Two that watch
 * one would install a jar twice and write each other's files.
 */
final class FileInstall {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");
  private static final String NAME = "org.apache.felix.fileinstall";
  private static final String FOLDERS = "felix.fileinstall.dir";

  /** What it watches when nothing is said. */
  private static final String DEFAULT = "./load";

  private final BundleContext context;

  FileInstall(BundleContext context) {
    this.context = context;
  }

  /** The folders that it watches, absolute; none when it does not run. */
  Set<Path> folders() {
    if (Stream.of(context.getBundles()).noneMatch(FileInstall::runs)) {
      return Set.of();
    }
    String property = context.getProperty(FOLDERS);
    return Stream.concat(Stream.of(property == null ? DEFAULT : property), configured())
        .flatMap(folders -> Arrays.stream(folders.split(",")))
        .map(String::strip)
        .filter(folder -> !folder.isEmpty())
        .flatMap(FileInstall::path)
        .collect(Collectors.toSet());
  }

  /** Also while it is updated: it does that to itself when its jar lies in its own folder. */
  private static boolean runs(Bundle bundle) {
    return NAME.equals(bundle.getSymbolicName())
        && bundle.getState() != Bundle.UNINSTALLED
        && bundle.adapt(BundleStartLevel.class).isPersistentlyStarted();
  }

  private static Stream<Path> path(String folder) {
    try {
      return Stream.of(Path.of(folder).toAbsolutePath().normalize());
    } catch (InvalidPathException notAFolder) {
      return Stream.empty();
    }
  }

  private Stream<String> configured() {
    ServiceReference<ConfigurationAdmin> reference =
        context.getServiceReference(ConfigurationAdmin.class);
    ConfigurationAdmin admin = reference == null ? null : context.getService(reference);
    if (admin == null) {
      return Stream.empty();
    }
    try {
      Configuration[] found =
          admin.listConfigurations(
              "(|(service.factoryPid=" + NAME + ")(service.pid=" + NAME + "))");
      return found == null
          ? Stream.empty()
          : Stream.of(found)
              .map(configuration -> configuration.getProperties().get(FOLDERS))
              .filter(String.class::isInstance)
              .map(String.class::cast);
    } catch (IOException | InvalidSyntaxException | IllegalStateException e) {
      LOG.debug("What FileInstall watches cannot be read", e);
      return Stream.empty();
    } finally {
      context.ungetService(reference);
    }
  }
}
