// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * What a test does to the container it runs in: configurations that end with the test, sessions,
 * bundles.
 */
final class Container implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BundleContext context;
  private final ConfigurationAdmin configurations;
  private final Deque<String> made = new ArrayDeque<>();

  Container(BundleContext context, ConfigurationAdmin configurations) {
    this.context = context;
    this.configurations = configurations;
  }

  Configuration configure(String factoryPid, String name, Map<String, ?> properties)
      throws IOException {
    Configuration configuration = configurations.getFactoryConfiguration(factoryPid, name, "?");
    made.push(configuration.getPid());
    configuration.update(dictionary(properties));
    return configuration;
  }

  static Dictionary<String, Object> dictionary(Map<String, ?> properties) {
    return new Hashtable<>(properties);
  }

  Bundle bundle(String symbolicName) {
    for (Bundle bundle : context.getBundles()) {
      if (symbolicName.equals(bundle.getSymbolicName())) {
        return bundle;
      }
    }
    throw new AssertionError("no bundle " + symbolicName);
  }

  /** Logs in as soon as the portal and the target are there. */
  static Session login(InetSocketAddress portal, String target) {
    return eventually(() -> {
      Session session = loginOnce(portal, target);
      session.logicalUnit(0).clearUnitAttentions();
      return session;
    });
  }

  static Session loginOnce(InetSocketAddress portal, String target) throws IOException {
    return Session.login(
        portal, LoginOptions.normal("iqn.2026-11.org.jtgt.itests:container", target));
  }

  /**
   * Tries until it works; what the container does in answer to a configuration happens soon, not at
   * once.
   */
  static <T> T eventually(Callable<T> attempt) {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      try {
        return attempt.call();
      } catch (Exception | AssertionError failure) {
        if (Instant.now().isAfter(end)) {
          throw new AssertionError("not within " + PATIENCE + ": " + failure, failure);
        }
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() throws Exception {
    while (!made.isEmpty()) {
      Configuration[] left = configurations.listConfigurations("(service.pid=" + made.pop() + ")");
      if (left != null) {
        left[0].delete();
      }
    }
  }
}
