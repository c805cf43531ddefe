// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;
import org.jtgt.itests.doubles.SlowStoreControl;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** A store whose I/O waits: for a test, for a time, or for both. */
@Component(
    configurationPid = "org.jtgt.itests.doubles.slow",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Backstore.class, SlowStoreControl.class},
    immediate = true)
@Designate(ocd = SlowStoreConfig.class, factory = true)
public final class SlowStore extends ArrayStore implements SlowStoreControl {
  private final Completion completion;
  private int delayMilliseconds;
  private boolean holding;
  private int held;

  /** A store of zeros. */
  @Activate
  public SlowStore(SlowStoreConfig config) {
    super(config.size());
    completion =
        config.completion().equals("asynchronous") ? Completion.ASYNCHRONOUS : Completion.BLOCKING;
    modified(config);
  }

  /** Takes delay and hold over; its other keys are for its next life. */
  @Modified
  synchronized void modified(SlowStoreConfig config) {
    delayMilliseconds = config.delayMilliseconds();
    holding = config.held();
    notifyAll();
  }

  @Deactivate
  void close() {
    release();
  }

  @Override
  public Completion completion() {
    return completion;
  }

  @Override
  public void submit(StoreIo io) {
    if (completion == Completion.ASYNCHRONOUS) {
      Thread.ofVirtual().start(() -> submitLate(io));
    } else {
      submitLate(io);
    }
  }

  private void submitLate(StoreIo io) {
    try {
      pass();
    } catch (InterruptedException e) {
      // Nobody interrupts a thread inside a store: a test of jtgt fails when somebody does.
      io.fail(e);
      return;
    }
    super.submit(io);
  }

  private void pass() throws InterruptedException {
    int delay;
    synchronized (this) {
      held++;
      while (holding) {
        wait();
      }
      held--;
      delay = delayMilliseconds;
    }
    Thread.sleep(delay);
  }

  @Override
  public synchronized void hold() {
    holding = true;
  }

  @Override
  public synchronized void release() {
    holding = false;
    notifyAll();
  }

  @Override
  public synchronized int held() {
    return held;
  }
}
