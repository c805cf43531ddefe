// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;
import org.jtgt.itests.doubles.FailingStoreControl;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** A store that fails as its rules say, and does what it should otherwise. */
@Component(
    configurationPid = "org.jtgt.itests.doubles.failing",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Backstore.class, FailingStoreControl.class},
    immediate = true)
@Designate(ocd = FailingStoreConfig.class, factory = true)
public final class FailingStore extends ArrayStore implements FailingStoreControl {
  private final AtomicLong failures = new AtomicLong();
  private volatile List<FailureRule> rules = List.of();

  /**
   * A store of zeros.
   *
   * @throws IllegalArgumentException when a rule cannot be understood
   */
  @Activate
  public FailingStore(FailingStoreConfig config) {
    super(config.size());
    fail(config.rules());
  }

  @Modified
  void modified(FailingStoreConfig config) {
    fail(config.rules());
  }

  @Override
  public void fail(String... texts) {
    rules = Arrays.stream(texts).filter(text -> !text.isBlank()).map(FailureRule::parse).toList();
  }

  @Override
  public long failures() {
    return failures.get();
  }

  @Override
  public Completion completion() {
    return Completion.INLINE;
  }

  @Override
  public void submit(StoreIo io) {
    for (FailureRule rule : rules) {
      if (rule.takes(io)) {
        failures.incrementAndGet();
        io.fail(rule.failureOf(io));
        return;
      }
    }
    super.submit(io);
  }
}
