// SPDX-License-Identifier: Apache-2.0
package org.jtgt.gotgt;

import java.nio.file.Path;
import java.util.Optional;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Result;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports the file that the framework property {@code org.jtgt.gotgt.config} names. A container
 * that was started for a file which is wrong stops: it would serve something else than it was asked
 * for.
 */
@Component(
    immediate = true,
    service = {})
public final class GotgtComponent {
  /** System property in which the reason for the stop is left as an exit status. */
  static final String EXIT_STATUS = "org.jtgt.exit.status";

  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.gotgt");
  private static final int ATTEMPTS = 100;
  private static final long PAUSE_MILLISECONDS = 100;
  private static final long ACTIVATION_MILLISECONDS = 5_000;

  private volatile boolean active = true;

  /** Starts the import and waits for it, unless bundles that it needs come later. */
  @Activate
  public GotgtComponent(BundleContext context, @Reference Admin admin) {
    Optional<Path> file =
        Optional.ofNullable(context.getProperty("org.jtgt.gotgt.config"))
            .filter(path -> !path.isBlank())
            .map(Path::of);
    if (file.isEmpty()) {
      return;
    }
    context
        .getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
        .adapt(FrameworkWiring.class)
        .resolveBundles(null);
    Thread importing =
        Thread.ofPlatform()
            .daemon()
            .name("jtgt-gotgt")
            .start(() -> run(context, new GotgtImport(admin, file.get()), file.get()));
    try {
      importing.join(ACTIVATION_MILLISECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  @Deactivate
  void deactivate() {
    active = false;
  }

  private void run(BundleContext context, GotgtImport gotgt, Path file) {
    try {
      for (int attempt = 0; active && attempt < ATTEMPTS; attempt++) {
        Optional<Result> result = gotgt.run();
        if (result.isPresent()) {
          LOG.info("{}: {} objects made, changed or removed", file, result.get().pids().size());
          result.get().warnings().forEach(LOG::warn);
          return;
        }
        Thread.sleep(PAUSE_MILLISECONDS);
      }
      if (active) {
        LOG.error("{}: a bundle for files, null stores, SCSI or iSCSI is missing", file);
      }
    } catch (WrongEntryException wrong) {
      LOG.error(wrong.getMessage());
      stop(context);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stop(BundleContext context) {
    System.setProperty(EXIT_STATUS, "2");
    try {
      context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
    } catch (BundleException e) {
      LOG.error("The container cannot be stopped: {}", e.getMessage());
    }
  }
}
