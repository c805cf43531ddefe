// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A double that does not do what it says would make tests pass that should not. */
class DoublesTest {
  @TempDir Path folder;

  private static byte[] filled(int value) {
    byte[] bytes = new byte[512];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static <C> C config(Class<C> type, Map<String, Object> values) {
    return type.cast(
        java.lang.reflect.Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                values.getOrDefault(method.getName(), method.getDefaultValue())));
  }

  private static SlowStore slow(String completion) {
    return new SlowStore(
        config(SlowStoreConfig.class, Map.of("size", "1M", "completion", completion)));
  }

  private static FailingStore failing(String... rules) {
    return new FailingStore(config(FailingStoreConfig.class, Map.of("size", "1M", "rules", rules)));
  }

  // --- non-durable ---

  @Test
  void itReadsEveryWriteAndLosesThoseNotFlushed() throws IOException {
    Path file = folder.resolve("disk");
    NonDurableStore store = new NonDurableStore(file, "64K");
    TestIo.put(store, 0, filled(1));
    store.flush();
    TestIo.put(store, 0, filled(2));
    TestIo.put(store, 512, filled(3));
    assertThat(TestIo.bytes(store, 0, 512)).isEqualTo(filled(2));
    assertThat(Arrays.copyOf(Files.readAllBytes(file), 512)).isEqualTo(filled(1));
    store.crash();
    assertThat(TestIo.bytes(store, 0, 512)).isEqualTo(filled(1));
    assertThat(TestIo.bytes(store, 512, 512)).containsOnly(0);
    TestIo.put(store, 0, filled(4));
    store.close();
    assertThat(Arrays.copyOf(Files.readAllBytes(file), 512))
        .as("its end flushes nothing")
        .isEqualTo(filled(1));
  }

  @Test
  void betweenCrashesItIsAStoreLikeAnyOther() throws IOException {
    NonDurableStore store = new NonDurableStore(folder.resolve("disk"), "1M");
    new StoreModel(store, 5).run(300);
    store.close();
  }

  // --- failing ---

  @Test
  void aRuleHoldsForItsOperationItsBytesAndItsCount() throws IOException {
    FailingStore store = failing("read media 1024-1535 x2", "flush full");
    TestIo.put(store, 1024, filled(7));
    assertThat(TestIo.bytes(store, 0, 1024)).hasSize(1024);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> TestIo.bytes(store, 512, 1024))
          .isInstanceOfSatisfying(
              BackstoreException.class, e -> assertThat(e.offsetBytes()).hasValue(1024));
    }
    assertThat(TestIo.bytes(store, 1024, 512)).isEqualTo(filled(7));
    assertThat(store.failures()).isEqualTo(2);
    assertThatIllegalArgumentException().isThrownBy(() -> store.fail("read sometimes"));
  }

  @Test
  void withoutRulesItIsAStoreLikeAnyOther() throws IOException {
    new StoreModel(failing(), 6).run(300);
  }

  // --- slow ---

  @ParameterizedTest
  @ValueSource(strings = {"blocking", "asynchronous"})
  void whatIsHeldGoesOnWhenItIsReleased(String completion) throws Exception {
    SlowStore store = slow(completion);
    assertThat(store.completion())
        .isEqualTo(completion.equals("blocking") ? Completion.BLOCKING : Completion.ASYNCHRONOUS);
    TestIo.put(store, 0, filled(8));
    store.hold();
    byte[][] read = new byte[1][];
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                read[0] = TestIo.bytes(store, 0, 512);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    while (store.held() == 0) {
      Thread.onSpinWait();
    }
    assertThat(read[0]).isNull();
    store.release();
    reader.join();
    assertThat(read[0]).isEqualTo(filled(8));
  }
}
