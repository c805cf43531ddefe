// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jtgt.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** What others do with Configuration Admin is seen through the administration at once. */
class ForeignChangesTest {
  private static final String MEMORY = "org.jtgt.backstore.memory";

  private static final List<List<String>> ALL =
      List.of(List.of(), List.of("foreign 1M"), List.of("foreign 2M"), List.of());

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;

  @BeforeEach
  void begin() {
    container = new Container(context, configurationAdmin);
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  private static List<String> stores(Admin admin) {
    return admin.objects().stream()
        .filter(object -> object.typePid().equals(MEMORY))
        .map(object -> object.name() + " " + object.values().get("size"))
        .toList();
  }

  /** Makes, changes and deletes a store, and tells what was seen after each step. */
  private List<List<String>> seen(Admin admin) throws IOException {
    var seen = new ArrayList<List<String>>();
    seen.add(stores(admin));
    Configuration store = container.configure(MEMORY, "foreign", Map.of("size", "1M"));
    seen.add(stores(admin));
    store.update(Container.dictionary(Map.of("size", "2M")));
    seen.add(stores(admin));
    store.delete();
    seen.add(stores(admin));
    return seen;
  }

  @Test
  void itIsSeenWhenItIsMadeChangedAndDeleted(@InjectService Admin admin) throws Exception {
    assertThat(seen(admin)).isEqualTo(ALL);
  }

  /**
   * Whoever waits for the administration is told of it before Configuration Admin may be: the
   * framework tells bundles in an order of its own, so that it is listened to for all of them.
   */
  @Test
  void itIsSeenByWhoUsesTheAdministrationTheMomentThatItComes() throws Exception {
    var seen = new ArrayList<List<String>>();
    ServiceListener first =
        event -> {
          if (event.getType() == ServiceEvent.REGISTERED && seen.isEmpty()) {
            @SuppressWarnings("unchecked") // by the filter
            var reference = (ServiceReference<Admin>) event.getServiceReference();
            try {
              seen.addAll(seen(context.getService(reference)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            } finally {
              context.ungetService(reference);
            }
          }
        };
    Bundle administration = container.bundle("org.jtgt.admin");
    List<BundleContext> all =
        Arrays.stream(context.getBundles())
            .filter(bundle -> bundle.getState() == Bundle.ACTIVE && bundle != administration)
            .map(Bundle::getBundleContext)
            .toList();
    for (BundleContext each : all) {
      each.addServiceListener(first, "(objectClass=" + Admin.class.getName() + ")");
    }
    administration.stop();
    administration.start();
    all.forEach(each -> each.removeServiceListener(first));
    assertThat(seen).isEqualTo(ALL);
  }
}
