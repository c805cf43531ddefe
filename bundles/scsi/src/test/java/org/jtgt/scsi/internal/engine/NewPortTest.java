// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.UnitMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Target ports that nobody has offered, while the disk of the state folder hangs: a login, which
 * runs on the network thread of many sessions, waits for no disk.
 */
class NewPortTest {
  private final SlowMemory memory = new SlowMemory();
  private final Bench bench = new Bench(memory);

  NewPortTest() {
    bench.engine.addStore("store0", new MemoryStore(1000 * 512));
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    memory.release.countDown();
    bench.close();
  }

  private Nexus connect(int tag) {
    String name = Bench.TARGET_PORT.deviceName();
    ScsiPort port = new ScsiPort(name, name + ",t,0x%04x".formatted(tag), 5, "");
    return bench.target.connect(
        Bench.initiatorPort("iqn.2026-11.org.jtgt.test:new"), port, () -> {});
  }

  @Test
  void aLoginThroughANewPortDoesNotWaitForTheStateFolder() throws Exception {
    memory.hang();
    Nexus first = connect(7);
    assertThat(memory.hangs.await(30, TimeUnit.SECONDS)).isTrue();
    Nexus second = connect(8);
    Nexus known = bench.connect("known");
    assertThat(List.of(first.relativePort(), second.relativePort(), known.relativePort()))
        .containsExactly(2, 3, 1);
    bench.target.offeredAt(List.of(first.target(), second.target()));
    assertThat(memory.ports()).doesNotContain("0x0007");

    memory.release.countDown();
    bench.close();
    assertThat(memory.ports()).contains("2 ", "0x0007", "3 ", "0x0008");
  }

  @Test
  void aRegistrationThatOutlivesPowerLossWaitsUntilItsPortDoes() throws Exception {
    memory.hang();
    Nexus nexus = connect(7);
    bench.clearAttentions(nexus);
    assertThat(memory.hangs.await(30, TimeUnit.SECONDS)).isTrue();
    byte[] list = new byte[24];
    list[15] = 1;
    // APTPL
    list[20] = 1;
    FakeCommand register = FakeCommand.of("5F 00 00 00 00 00000018 00").sends(list);
    nexus.execute(register);
    assertThat(memory.load("reservations")).isEmpty();
    assertThat(register.hasEnded()).isFalse();
    memory.release.countDown();
    assertThat(register.status()).isEqualTo(GOOD);
    assertThat(memory.ports()).contains("0x0007");
    assertThat(memory.load("reservations")).isPresent();
  }

  @Test
  void aRegistrationIsRefusedWhosePortCannotBeKept() {
    memory.fails = true;
    Nexus nexus = connect(7);
    bench.clearAttentions(nexus);
    byte[] list = new byte[24];
    list[15] = 1;
    list[20] = 1;
    assertThat(bench.run(nexus, FakeCommand.of("5F 00 00 00 00 00000018 00").sends(list)).sense())
        .isEqualTo("4/44/00");
    memory.fails = false;
    assertThat(bench.run(nexus, FakeCommand.of("5F 00 00 00 00 00000018 00").sends(list)).status())
        .isEqualTo(GOOD);
    assertThat(memory.ports()).contains("0x0007");
  }

  /** Its writes of port identifiers hang or fail when a test wants. */
  private static final class SlowMemory implements UnitMemory {
    private final UnitMemory memory = UnitMemory.ofProcess();
    private final CountDownLatch hangs = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean hanging;
    private volatile boolean fails;

    void hang() {
      hanging = true;
    }

    String ports() {
      return load("ports").map(kept -> new String(kept, StandardCharsets.UTF_8)).orElse("");
    }

    @Override
    public Optional<byte[]> load(String key) {
      return memory.load(key);
    }

    @Override
    public void keep(String key, byte[] value) throws IOException {
      if (key.equals("ports")) {
        if (fails) {
          throw new IOException("no space left");
        }
        if (hanging) {
          hangs.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }
      }
      memory.keep(key, value);
    }

    @Override
    public void forget(String key) throws IOException {
      memory.forget(key);
    }
  }
}
