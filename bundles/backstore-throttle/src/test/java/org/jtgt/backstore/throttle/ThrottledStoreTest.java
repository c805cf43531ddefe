// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.filter.Dispatch;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ThrottledStoreTest {
  /** Stands still unless a test moves it, so nothing passes by chance. */
  private final AtomicLong now = new AtomicLong(1);

  private final ArrayStore below = ArrayStore.inline(1 << 20);
  private final List<ThrottledStore> made = new ArrayList<>();

  @AfterEach
  void close() {
    made.forEach(ThrottledStore::close);
  }

  private ThrottledStore throttled(Limits limits) {
    var store = new ThrottledStore(below, new Dispatch(below, "test"), limits, now::get);
    made.add(store);
    return store;
  }

  private List<TestIo> submit(ThrottledStore store, int count, int bytes) {
    var ios = new ArrayList<TestIo>();
    for (int i = 0; i < count; i++) {
      TestIo io = TestIo.write((long) i * bytes, false, TestIo.direct(new byte[bytes]));
      store.submit(io);
      ios.add(io);
    }
    return ios;
  }

  private static long done(List<TestIo> ios) {
    return ios.stream().filter(TestIo::isDone).count();
  }

  @Test
  void aBurstPassesAtOnceAndTheRestWaits() {
    ThrottledStore store = throttled(new Limits(100, 0, 5, 1));
    List<TestIo> ios = submit(store, 12, 512);
    assertThat(done(ios)).isEqualTo(5);
    assertThat(store.waiting()).isEqualTo(7);
  }

  @Test
  void whatWaitsPassesInItsOrderAsTimeGoesOn() throws Exception {
    Limits limits = new Limits(100, 0, 5, 1);
    ThrottledStore store = throttled(limits);
    List<TestIo> ios = submit(store, 12, 512);
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(40));
    store.change(limits);
    // The timer's thread may have taken them just before, and be handing them on.
    for (TestIo io : ios.subList(0, 9)) {
      io.await();
    }
    assertThat(ios.subList(9, 12)).noneMatch(TestIo::isDone);
  }

  @Test
  void bytesPerSecondHoldInTheLongRunForRequestsLargerThanTheBurst() {
    Limits limits = new Limits(0, 1 << 20, 1, 4096);
    ThrottledStore store = throttled(limits);
    List<TestIo> ios = submit(store, 16, 65_536);
    assertThat(done(ios)).isEqualTo(1);
    for (int i = 0; i < 500; i++) {
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
      store.change(limits);
    }
    // Half a second at 1 MiB/s, and the first: 8 or 9 of 64 KiB.
    assertThat(ios.size() - store.waiting()).isBetween(8, 9);
  }

  @Test
  void aPauseSavesUpNoMoreThanTheBurst() {
    Limits limits = new Limits(100, 0, 5, 1);
    ThrottledStore store = throttled(limits);
    now.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertThat(done(submit(store, 12, 512))).isEqualTo(5);
  }

  @Test
  void aFlushIsNotHeldBack() throws Exception {
    ThrottledStore store = throttled(new Limits(1, 0, 1, 1));
    submit(store, 3, 512);
    TestIo flush = TestIo.flush();
    store.submit(flush);
    assertThat(flush.isDone()).isTrue();
  }

  @Test
  void nothingIsHeldBackFromWhoDrainsAndTheLimitComesBackAfterwards() throws Exception {
    ThrottledStore store = throttled(new Limits(1, 0, 1, 1));
    List<TestIo> ios = submit(store, 50, 512);
    try (DrainNotice.Notice notice = store.draining()) {
      for (TestIo io : ios) {
        io.await();
      }
    }
    assertThat(done(submit(store, 5, 512))).isZero();
  }

  @Test
  void theLimitsOfStackedThrottlesAreLiftedTogether() throws Exception {
    ThrottledStore lower = throttled(new Limits(1, 0, 1, 1));
    var upper =
        new ThrottledStore(lower, new Dispatch(lower, "test"), new Limits(1, 0, 1, 1), now::get);
    made.add(upper);
    List<TestIo> ios = submit(upper, 20, 512);
    try (DrainNotice.Notice notice = upper.draining()) {
      for (TestIo io : ios) {
        io.await();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"INLINE", "BLOCKING"})
  void withoutALimitItIsTheStoreBelow(Completion completion) throws Exception {
    var array = new ArrayStore(1 << 20, completion);
    var store =
        new ThrottledStore(
            array, new Dispatch(array, "test"), new Limits(0, 0, 1, 1), System::nanoTime);
    made.add(store);
    assertThat(store.identity()).isEqualTo(array.identity());
    new StoreModel(store, 11).run(300);
  }

  @Test
  void aWrongLimitIsToldWithItsKey() {
    assertThatThrownBy(() -> Limits.of(config("much")))
        .hasMessageContaining("bandwidth")
        .hasMessageContaining("'much'");
  }

  private static ThrottleConfig config(String bandwidth) {
    return new ThrottleConfig() {
      @Override
      public Class<ThrottleConfig> annotationType() {
        return ThrottleConfig.class;
      }

      @Override
      public String store() {
        return "disk0";
      }

      @Override
      public long iops() {
        return 0;
      }

      @Override
      public String bandwidth() {
        return bandwidth;
      }

      @Override
      public long burstIos() {
        return 0;
      }

      @Override
      public String burstBytes() {
        return "";
      }
    };
  }
}
