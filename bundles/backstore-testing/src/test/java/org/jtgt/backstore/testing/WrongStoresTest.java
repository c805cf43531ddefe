// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.backstore.SizeChange;
import org.jtgt.backstore.StoreIo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check fails for a store that is wrong in what it is about: none is there for show. */
class WrongStoresTest {
  private static final int BYTES = 1 << 20;

  /** A store that is wrong, and the begin of the sentence that must fail for it. */
  private record Wrong(String what, String sentence, Function<ArrayStore, Backstore> store) {
    @Override
    public String toString() {
      return what;
    }
  }

  /** A store that is right but for what a subclass does. */
  private abstract static class Almost implements Backstore {
    final ArrayStore right;

    Almost(ArrayStore right) {
      this.right = right;
    }

    @Override
    public String identity() {
      return right.identity();
    }

    @Override
    public long sizeBytes() {
      return right.sizeBytes();
    }

    @Override
    public Completion completion() {
      return Completion.INLINE;
    }

    @Override
    public int unmapGranularityBytes() {
      return right.unmapGranularityBytes();
    }

    @Override
    public void submit(StoreIo io) {
      right.submit(io);
    }

    @Override
    public <C> Optional<C> adapt(Class<C> capability) {
      return right.adapt(capability);
    }
  }

  private static Wrong submitting(String what, String sentence, Submission submission) {
    return new Wrong(
        what,
        sentence,
        right ->
            new Almost(right) {
              @Override
              public void submit(StoreIo io) {
                submission.submit(right, io);
              }
            });
  }

  private interface Submission {
    void submit(ArrayStore right, StoreIo io);
  }

  private static Stream<Wrong> wrong() {
    List<Wrong> all = new ArrayList<>();
    all.add(
        new Wrong(
            "has no identity",
            "what it says",
            right ->
                new Almost(right) {
                  @Override
                  public String identity() {
                    return "";
                  }
                }));
    all.add(
        new Wrong(
            "has another identity each time",
            "it says the same",
            right ->
                new Almost(right) {
                  private int times;

                  @Override
                  public String identity() {
                    return "identity" + times++;
                  }
                }));
    all.add(
        new Wrong(
            "erases no key",
            "when its key is erased",
            right ->
                new Almost(right) {
                  @Override
                  public <C> Optional<C> adapt(Class<C> capability) {
                    return capability == CryptoErase.class
                        ? Optional.of(capability.cast((CryptoErase) () -> {}))
                        : super.adapt(capability);
                  }
                }));
    all.add(
        new Wrong(
            "is another each time it is opened",
            "it has the same identity",
            right ->
                new Almost(right) {
                  private final String identity = "opened at " + System.nanoTime();

                  @Override
                  public String identity() {
                    return identity;
                  }
                }));
    all.add(
        submitting(
            "completes twice",
            "many requests",
            (right, io) -> {
              right.submit(io);
              io.complete();
            }));
    all.add(
        submitting(
            "never completes a flush in time",
            "many requests",
            (right, io) -> {
              if (io.operation() == StoreIo.Operation.FLUSH) {
                Thread.ofPlatform().daemon().start(() -> right.submit(io));
              } else {
                right.submit(io);
              }
            }));
    all.add(
        submitting(
            "waits",
            "INLINE never",
            (right, io) -> {
              if (io.operation() == StoreIo.Operation.UNMAP) {
                LockSupport.parkNanos(1);
              }
              right.submit(io);
            }));
    all.add(
        submitting(
            "throws",
            "many requests",
            (right, io) -> {
              right.submit(io);
              throw new IllegalStateException("after all");
            }));
    all.add(
        submitting(
            "takes only the first buffer",
            "random requests",
            (right, io) -> {
              if (io.operation() == StoreIo.Operation.WRITE) {
                TestIo first = TestIo.write(io.offsetBytes(), false, io.buffers()[0]);
                right.submit(first);
                io.complete();
              } else {
                right.submit(io);
              }
            }));
    all.add(submitting("forgets writes", "the first and", (right, io) -> io.complete()));
    all.add(
        submitting(
            "unmaps nothing",
            "unmapped bytes",
            (right, io) -> {
              if (io.operation() == StoreIo.Operation.UNMAP) {
                io.complete();
              } else {
                right.submit(io);
              }
            }));
    all.add(
        submitting(
            "scrambles what it was given",
            "a write leaves",
            (right, io) -> {
              right.submit(io);
              for (int i = 0;
                  io.operation() == StoreIo.Operation.WRITE && i < io.bufferCount();
                  i++) {
                if (!io.buffers()[i].isReadOnly() && io.buffers()[i].position() > 0) {
                  io.buffers()[i].put(0, (byte) 0);
                }
              }
            }));
    all.add(
        submitting(
            "fills too much",
            "a read fills",
            (right, io) -> {
              right.submit(io);
              for (int i = 0;
                  io.operation() == StoreIo.Operation.READ && i < io.bufferCount();
                  i++) {
                ByteBuffer buffer = io.buffers()[i];
                if (buffer.limit() < buffer.capacity()) {
                  buffer.duplicate().clear().put(buffer.limit(), (byte) 1);
                }
              }
            }));
    all.add(
        new Wrong(
            "tells bad bytes somewhere else",
            "unreadable bytes",
            right ->
                new Almost(right) {
                  @Override
                  public void submit(StoreIo io) {
                    try {
                      if (io.operation() == StoreIo.Operation.READ) {
                        TestIo.bytes(right, io.offsetBytes(), (int) io.lengthBytes());
                      }
                      right.submit(io);
                    } catch (IOException failure) {
                      io.fail(BackstoreException.media("bad", 0, failure));
                    }
                  }
                }));
    all.add(
        new Wrong(
            "maps nothing",
            "written bytes are mapped",
            right ->
                new Almost(right) {
                  @Override
                  public <C> Optional<C> adapt(Class<C> capability) {
                    AllocationMap nothing = at -> new AllocationMap.Extent(sizeBytes() - at, false);
                    return capability == AllocationMap.class
                        ? Optional.of(capability.cast(nothing))
                        : super.adapt(capability);
                  }
                }));
    all.add(
        new Wrong(
            "tells nobody that it has grown",
            "it grows",
            right ->
                new Almost(right) {
                  @Override
                  public <C> Optional<C> adapt(Class<C> capability) {
                    SizeChange silent = listener -> () -> {};
                    return capability == SizeChange.class
                        ? Optional.of(capability.cast(silent))
                        : super.adapt(capability);
                  }
                }));
    all.add(new Wrong("loses what was written", "what was written is there", Emptied::new));
    all.add(new Wrong("answers when it is closed", "a request that comes too late", Emptied::new));
    return all.stream();
  }

  /** Writes go to a copy that ends with it. */
  private static final class Emptied extends Almost {
    private final ArrayStore copy = ArrayStore.inline(BYTES);

    Emptied(ArrayStore right) {
      super(right);
    }

    @Override
    public void submit(StoreIo io) {
      copy.submit(io);
    }

    @Override
    public <C> Optional<C> adapt(Class<C> capability) {
      return copy.adapt(capability);
    }
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsWrongIsFound(Wrong wrong) throws Exception {
    StoreContract.Check about =
        StoreContract.checks().stream()
            .filter(check -> check.sentence().startsWith(wrong.sentence()))
            .findFirst()
            .orElseThrow();
    boolean found = false;
    try {
      about.run(subject(wrong));
    } catch (AssertionError asItShould) {
      found = true;
    }
    assertThat(found).as(about.sentence()).isTrue();
  }

  private static StoreUnderTest subject(Wrong wrong) {
    return new FilterUnderTest(ArrayStore.inline(BYTES), wrong.store()::apply);
  }
}
