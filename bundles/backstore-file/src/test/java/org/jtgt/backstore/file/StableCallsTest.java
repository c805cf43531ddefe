// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StableCallsTest {
  private final StableCalls calls = new StableCalls("disk.img");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private Future<?> start(CountDownLatch begun, CompletableFuture<Void> outcome) {
    return threads.submit(() -> {
      calls.run(() -> {
        begun.countDown();
        try {
          outcome.join();
        } catch (RuntimeException e) {
          throw new IOException("input/output error", e);
        }
      });
      return null;
    });
  }

  @Test
  void a_call_that_succeeds_beside_one_that_fails_is_not_good() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    CompletableFuture<Void> good = new CompletableFuture<>();
    CompletableFuture<Void> bad = new CompletableFuture<>();
    Future<?> first = start(begun, bad);
    Future<?> second = start(begun, good);
    begun.await();

    good.complete(null); // the system told the failure to the other one
    assertThat(second.isDone()).isFalse();
    bad.completeExceptionally(new RuntimeException());

    assertThatThrownBy(first::get).hasRootCauseInstanceOf(RuntimeException.class);
    assertThatThrownBy(second::get).hasMessageContaining("disk.img: an earlier flush failed");
    assertThatThrownBy(() -> calls.run(() -> {})).hasMessageContaining("may be lost");
  }

  @Test
  void calls_beside_each_other_are_all_good_when_none_fails() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    CompletableFuture<Void> one = new CompletableFuture<>();
    CompletableFuture<Void> other = new CompletableFuture<>();
    Future<?> first = start(begun, one);
    Future<?> second = start(begun, other);
    begun.await();
    one.complete(null);
    other.complete(null);

    assertThatCode(first::get).doesNotThrowAnyException();
    assertThatCode(second::get).doesNotThrowAnyException();
  }

  @Test
  void a_write_that_found_no_space_forbids_later_calls_only_where_others_lost_data() {
    StableCalls.Call full =
        () -> {
          throw BackstoreException.of(Kind.FULL, "no space");
        };

    assertThatThrownBy(() -> calls.run(full, () -> true)).hasMessage("no space");
    assertThatCode(() -> calls.run(() -> {})).doesNotThrowAnyException();

    assertThatThrownBy(() -> calls.run(full, () -> false)).hasMessage("no space");
    assertThatThrownBy(() -> calls.run(() -> {})).hasMessageContaining("may be lost");
  }

  @Test
  void a_flush_that_found_no_space_forbids_later_calls() {
    assertThatThrownBy(() ->
            calls.run(() -> {
              throw BackstoreException.of(Kind.FULL, "no space");
            }))
        .hasMessage("no space");

    assertThatThrownBy(() -> calls.run(() -> {})).hasMessageContaining("may be lost");
  }
}
