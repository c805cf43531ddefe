// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.NotApplicableException;
import org.jtgt.backstore.testing.StoreContract;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.jtgt.backstore.testing.TestIo;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The command {@code tgt:check}: asks a store of the container whether it keeps the contract. What
 * closes the store is left to the unit test of its author.
 */
@Component(
    service = CheckCommand.class,
    property = {"osgi.command.scope=tgt", "osgi.command.function=check"})
public final class CheckCommand {
  private static final String USAGE =
      "usage: check STORE [--erase]; it erases the first 8 MiB and the last block of a store that"
          + " is not read-only";
  private static final int DEPTH_BYTES = 8 << 20;

  private final BundleContext context;
  private final ConfigurationAdmin configurations;

  /** Serves the shell. */
  @Activate
  public CheckCommand(BundleContext context, @Reference ConfigurationAdmin configurations) {
    this.context = context;
    this.configurations = configurations;
  }

  /**
   * Checks a store.
   *
   * @throws IllegalArgumentException when it is not there, in use, or must not be erased
   * @throws IllegalStateException when it does not keep the contract; what is wrong is printed
   */
  public String check(String... words) throws Exception {
    List<String> names = Arrays.stream(words).filter(word -> !word.startsWith("-")).toList();
    boolean erase = List.of(words).contains("--erase");
    if (names.size() != 1 || words.length > (erase ? 2 : 1)) {
      throw new IllegalArgumentException(USAGE);
    }
    String name = names.getFirst();
    ServiceReference<Backstore> reference =
        find(name)
            .orElseThrow(() -> new IllegalArgumentException("there is no store '" + name + "'"));
    requireUnused(name);
    Backstore store = context.getService(reference);
    if (store == null) {
      throw new IllegalArgumentException("the store '" + name + "' has just gone");
    }
    try {
      if (!erase && !store.readOnly()) {
        throw new IllegalArgumentException(
            "the store '%s' would be erased; --erase allows it".formatted(name));
      }
      return check(name, store);
    } finally {
      context.ungetService(reference);
    }
  }

  private Optional<ServiceReference<Backstore>> find(String name) throws InvalidSyntaxException {
    return context.getServiceReferences(Backstore.class, null).stream()
        .filter(reference -> name.equals(name(reference)))
        .findFirst();
  }

  private static String name(ServiceReference<Backstore> reference) {
    if (reference.getProperty(Backstore.NAME) instanceof String given) {
      return given;
    }
    return reference.getProperty("service.pid") instanceof String pid
        ? pid.substring(pid.indexOf('~') + 1)
        : "";
  }

  private void requireUnused(String name) throws Exception {
    List<String> users = new ArrayList<>();
    Configuration[] all = configurations.listConfigurations(null);
    for (Configuration each : all == null ? new Configuration[0] : all) {
      if (name.equals(each.getProperties().get("store"))
          || name.equals(each.getProperties().get("base"))) {
        users.add(each.getPid());
      }
    }
    if (!users.isEmpty()) {
      throw new IllegalArgumentException(
          "the store '%s' is used by %s; allowed: a store that nobody uses"
              .formatted(name, String.join(", ", users)));
    }
  }

  private static String check(String name, Backstore store) throws Exception {
    Optional<byte[]> content =
        store.readOnly()
            ? Optional.of(TestIo.bytes(store, 0, (int) Math.min(DEPTH_BYTES, store.sizeBytes())))
            : Optional.empty();
    int passed = 0;
    List<String> failures = new ArrayList<>();
    for (StoreContract.Check check : StoreContract.checks()) {
      if (!check.onServiceToo()) {
        System.out.println("skipped  " + check.sentence() + ": it is for a test that closes it");
        continue;
      }
      try {
        check.run(subject(store, content));
        passed++;
        System.out.println("passed   " + check.sentence());
      } catch (NotApplicableException skipped) {
        System.out.println("skipped  " + check.sentence() + ": " + skipped.getMessage());
      } catch (AssertionError | Exception failure) {
        failures.add(check.sentence());
        System.out.println("FAILED   " + check.sentence() + ": " + failure.getMessage());
      }
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException(
          "%s is not fit: %d checks failed".formatted(name, failures.size()));
    }
    return "%s is fit: %d checks passed".formatted(name, passed);
  }

  private static StoreUnderTest subject(Backstore store, Optional<byte[]> content) {
    return new StoreUnderTest() {
      @Override
      public Backstore open() throws IOException {
        if (!store.readOnly()) {
          long depth = Math.min(DEPTH_BYTES, store.sizeBytes());
          TestIo.writeZeroes(0, depth, false, true).run(store);
        }
        return store;
      }

      @Override
      public void close(Backstore same) {}

      @Override
      public Optional<byte[]> content() {
        return content;
      }
    };
  }
}
