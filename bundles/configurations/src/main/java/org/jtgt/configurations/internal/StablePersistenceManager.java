// SPDX-License-Identifier: Apache-2.0
package org.jtgt.configurations.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Enumeration;
import java.util.List;
import org.apache.felix.cm.PersistenceManager;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where ConfigAdmin keeps configurations, chosen by the framework property {@code
 * felix.cm.pm=org.jtgt.configurations}.
 *
 * <p>Felix's own manager (1.9.26) removes a file before the new one takes its name and forces
 * neither to the disk: a daemon killed at the wrong moment came back without a logical unit that a
 * command had made.
 */
@Component(
    configurationPolicy = ConfigurationPolicy.IGNORE,
    immediate = true,
    property = PersistenceManager.PROPERTY_NAME + "=" + StablePersistenceManager.NAME)
@SuppressWarnings("rawtypes") // the interface is older than generics
public final class StablePersistenceManager implements PersistenceManager {
  /** The value of {@code felix.cm.pm} that names this one. */
  static final String NAME = "org.jtgt.configurations";

  /** The framework property with the folder; the bundle's own data area when it is not set. */
  private static final String FOLDER = "felix.cm.dir";

  private static final Logger LOG = LoggerFactory.getLogger(StablePersistenceManager.class);

  private final ConfigurationFiles files;

  @Activate
  public StablePersistenceManager(BundleContext context) throws IOException {
    this(folderOf(context));
  }

  StablePersistenceManager(Path folder) throws IOException {
    files = new ConfigurationFiles(folder);
    FelixFolders.takeOver(folder, files);
  }

  private static Path folderOf(BundleContext context) {
    String named = context.getProperty(FOLDER);
    return named == null ? context.getDataFile("configurations").toPath() : Path.of(named);
  }

  @Override
  public boolean exists(String pid) {
    return files.has(pid);
  }

  @Override
  public Dictionary load(String pid) throws IOException {
    return files.read(pid);
  }

  /** All that can be read; what cannot is told and left where it is. */
  @Override
  public Enumeration getDictionaries() throws IOException {
    List<Dictionary> all = new ArrayList<>();
    for (String pid : files.pids()) {
      try {
        all.add(files.read(pid));
      } catch (IOException e) {
        LOG.error("{} is not configured: {}", pid, e.getMessage());
      }
    }
    return Collections.enumeration(all);
  }

  @Override
  @SuppressWarnings("unchecked") // keys are strings, says ConfigAdmin
  public void store(String pid, Dictionary properties) throws IOException {
    files.write(pid, properties);
  }

  @Override
  public void delete(String pid) throws IOException {
    files.remove(pid);
  }
}
