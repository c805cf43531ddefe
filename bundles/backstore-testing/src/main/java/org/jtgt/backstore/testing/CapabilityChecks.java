// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Cancellation;
import org.jtgt.backstore.ChannelTransfer;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.SizeChange;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.StoreContract.Check;

/** What a store offers beyond plain I/O does what it says. */
final class CapabilityChecks {
  private static final List<Class<?>> KNOWN =
      List.of(
          AllocationMap.class,
          Cancellation.class,
          ChannelTransfer.class,
          CryptoErase.class,
          DrainNotice.class,
          FreeSpace.class,
          SizeChange.class,
          Snapshots.class);

  private CapabilityChecks() {}

  /** A capability of a version that does not exist. */
  private interface Unheard {}

  static List<Check> all() {
    return List.of(
        always(
            "it offers the same capabilities at all times, and none it does not know",
            trial -> {
              WatchedStore store = trial.open();
              expect(store.adapt(Unheard.class).isEmpty(), "it offers what does not exist");
              for (Class<?> capability : KNOWN) {
                Optional<?> first = store.adapt(capability);
                expect(
                    first.isEmpty() || capability.isInstance(first.get()),
                    "adapt(%s) gives something else",
                    capability.getSimpleName());
                expect(
                    first.isPresent() == store.adapt(capability).isPresent(),
                    "%s is offered now and then",
                    capability.getSimpleName());
              }
            }),
        always("it grows in use and tells so", CapabilityChecks::grows),
        always("a drain lets go what it holds back", CapabilityChecks::drains),
        always(
            "a cancelled request ends once and is not carried out later",
            trial -> {
              WatchedStore store = trial.openKeeping();
              Cancellation cancellation = store.require(Cancellation.class);
              int block = store.blockBytes();
              for (int round = 0; round < 50; round++) {
                TestIo write = TestIo.write(0, false, TestIo.direct(pattern(block, round)));
                write.submit(store);
                cancellation.cancel(write);
                write.awaitAnyEnd();
                byte[] after = pattern(block, round + 100);
                TestIo.put(store, 0, after);
                expectBytes(store, 0, after, "after a cancelled write");
              }
            }),
        always(
            "a transfer to a channel sends what a read reads",
            trial -> {
              WatchedStore store = trial.open();
              ChannelTransfer transfer = store.require(ChannelTransfer.class);
              int bytes = trial.depth(store);
              if (!store.readOnly()) {
                TestIo.put(store, 0, pattern(bytes, 3));
              }
              ByteArrayOutputStream sent = new ByteArrayOutputStream();
              WritableByteChannel target = Channels.newChannel(sent);
              for (long at = 0; at < bytes; ) {
                long now = transfer.transferTo(at, bytes - at, target);
                expect(now > 0 && now <= bytes - at, "%d of %d bytes sent", now, bytes - at);
                at += now;
              }
              expect(
                  Arrays.equals(sent.toByteArray(), TestIo.bytes(store, 0, bytes)),
                  "other bytes were sent");
            }));
  }

  private static void grows(Trial trial) throws Exception {
    WatchedStore store = trial.openKeeping();
    long before = store.sizeBytes();
    long wanted = before + Math.max(1 << 20, store.physicalBlockBytes());
    byte[] old = pattern(store.blockBytes(), 1);
    TestIo.put(store, before - old.length, old);
    List<Long> told = new CopyOnWriteArrayList<>();
    Optional<SizeChange> change = store.adapt(SizeChange.class);
    List<Long> atThatTime = new CopyOnWriteArrayList<>();
    SizeChange.Registration registration =
        change
            .map(of ->
                of.onSizeChange(size -> {
                  told.add(size);
                  atThatTime.add(store.sizeBytes());
                }))
            .orElse(() -> {});
    if (!trial.subject().resize(store.actual(), wanted)) {
      throw new NotApplicableException("its size cannot be changed");
    }
    long after = store.sizeBytes();
    expect(change.isPresent() || after == before, "it grows and offers no SizeChange");
    expect(after > before, "its size is still %d", after);
    expect(told.equals(List.of(after)), "it is %d and told %s", after, told);
    expect(atThatTime.equals(told), "it told %s when it was %s", told, atThatTime);
    registration.close();
    int more = (int) (after - before);
    expectBytes(store, before, new byte[more], "what is new");
    expectBytes(store, before - old.length, old, "what was the last block");
    TestIo.put(store, before, pattern(more, 2));
    expectBytes(store, before, pattern(more, 2), "written to what is new");
    trial.subject().resize(store.actual(), wanted + (1 << 20));
    expect(told.size() == 1, "it tells who is registered no more");
  }

  private static void drains(Trial trial) throws Exception {
    WatchedStore store = trial.open();
    DrainNotice drains = store.require(DrainNotice.class);
    List<TestIo> flying = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      flying.add(TestIo.read(0, ByteBuffer.allocateDirect(store.blockBytes())).submit(store));
    }
    try (DrainNotice.Notice notice = drains.draining()) {
      for (TestIo io : flying) {
        io.await();
      }
    }
    TestIo.bytes(store, 0, store.blockBytes());
  }
}
