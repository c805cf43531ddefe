// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.admin.Origin.COMMAND;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jtgt.admin.Change;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Changes while another one waits for a store that drains. */
class TurnTest {
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch drained = new CountDownLatch(1);

  @AfterEach
  void drain() {
    drained.countDown();
  }

  private void awaitDrained() {
    begun.countDown();
    try {
      drained.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readingDoesNotWaitForAChangeThatDoes() throws Exception {
    Fixture fixture = new Fixture();
    fixture.disk0();
    fixture.components.put(
        fixture.admin.object("file", "disk0").orElseThrow().pid(),
        new Condition(Condition.ACTIVE, ""));
    fixture.changed =
        (before, now) -> {
          awaitDrained();
          return Optional.of(new Condition(Condition.ACTIVE, ""));
        };
    CompletableFuture<Result> slow =
        CompletableFuture.supplyAsync(
            () -> fixture.command(new Change.Update("file", "disk0", Map.of("path", "/b"))),
            body -> Thread.ofPlatform().start(body));
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(fixture.admin.objects()).hasSize(3);
    assertThat(fixture.admin.object("file", "disk0").orElseThrow().values())
        .containsEntry("path", "/b");
    assertThat(fixture.admin.types()).isNotEmpty();
    assertThat(fixture.admin.live("lu")).isEmpty();
    assertThat(fixture.admin.underWay().orElseThrow())
        .startsWith("set file disk0 by a command, for ");
    assertThat(slow).isNotDone();
    drained.countDown();
    assertThat(slow.get(30, TimeUnit.SECONDS).pids()).hasSize(1);
    assertThat(fixture.admin.underWay()).isEmpty();
  }

  @Test
  void aChangeThatWaitedIsToldForWhat() throws Exception {
    AtomicLong nanos = new AtomicLong();
    Turn turn = new Turn(nanos::get);
    List<Change> two =
        List.of(new Change.Remove("lu", "disk1", false), new Change.Remove("file", "disk1", false));
    Thread slow =
        Thread.ofPlatform()
            .start(() ->
                turn.take(
                    two,
                    Origin.imported(java.nio.file.Path.of("/etc/gotgt")),
                    new ArrayList<>(),
                    () -> {
                      awaitDrained();
                      return 0;
                    }));
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    List<String> warnings = new ArrayList<>();
    Thread second =
        Thread.ofPlatform()
            .start(() ->
                turn.take(
                    List.of(new Change.Update("lu", "a", Map.of())), COMMAND, warnings, () -> 0));
    while (second.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    nanos.set(TimeUnit.SECONDS.toNanos(12));
    assertThat(turn.underWay())
        .hasValue("rm lu disk1 and 1 more by the import of /etc/gotgt, for 12 s");
    drained.countDown();
    second.join();
    slow.join();
    assertThat(warnings)
        .containsExactly("waited 12 s for rm lu disk1 and 1 more by the import of /etc/gotgt");
    List<String> none = new ArrayList<>();
    turn.take(List.of(), COMMAND, none, () -> 0);
    assertThat(none).isEmpty();
  }
}
