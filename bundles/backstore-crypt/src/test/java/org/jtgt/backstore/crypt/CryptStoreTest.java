// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.backstore.filter.FilterBackstore;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CryptStoreTest {
  /** The fewest that a header may have: a test has nothing to hide. */
  static final int ROUNDS = 1000;

  @TempDir Path folder;
  private final ArrayStore base = ArrayStore.inline(2 << 20);
  private Path key;

  @BeforeEach
  void makeKey() throws IOException {
    key = keyFile("a secret of enough bytes");
  }

  private Path keyFile(String secret) throws IOException {
    Path file = folder.resolve("key-" + secret.length());
    Files.writeString(file, secret);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private Backstore open(boolean format) throws IOException {
    return CryptComponent.open(base, SecretSource.file(key), format, ROUNDS);
  }

  @Test
  void itHoldsWhatWasWrittenAsAnyStore() throws Exception {
    new StoreModel(open(true), 9).run(300);
  }

  @Test
  void whatWasWrittenIsThereWhenItIsOpenedAgain() throws Exception {
    byte[] data = new byte[4096];
    Arrays.fill(data, (byte) 0x41);
    Backstore store = open(true);
    TestIo.put(store, 8192, data);
    Backstore again = open(false);
    assertThat(again.identity()).isEqualTo(store.identity());
    assertThat(again.sizeBytes()).isEqualTo(base.sizeBytes() - (1 << 20));
    assertThat(TestIo.bytes(again, 8192, 4096)).isEqualTo(data);
  }

  @Test
  void noTwoEqualSectorsLookEqualInTheBase() throws Exception {
    byte[] data = new byte[1024];
    TestIo.put(open(true), 0, data);
    byte[] first = Arrays.copyOfRange(base.bytes(), 1 << 20, (1 << 20) + 512);
    byte[] second = Arrays.copyOfRange(base.bytes(), (1 << 20) + 512, (1 << 20) + 1024);
    assertThat(first).isNotEqualTo(new byte[512]).isNotEqualTo(second);
  }

  @Test
  void anotherSecretIsRefusedBeforeAnythingIsWritten() throws Exception {
    open(true);
    byte[] before = base.bytes().clone();
    key = keyFile("another secret of enough bytes");
    int asked = base.asked().size();
    assertThatThrownBy(() -> open(true)).hasMessageContaining("another secret than");
    assertThat(base.bytes()).isEqualTo(before);
    assertThat(base.asked().subList(asked, base.asked().size())).containsOnly(Operation.READ);
  }

  @Test
  void aStoreWithoutAHeaderIsFormattedOnlyWhenAskedAndEmpty() throws Exception {
    assertThatThrownBy(() -> open(false)).hasMessageContaining("has no header");
    base.bytes()[500_000] = 1;
    byte[] before = base.bytes().clone();
    assertThatThrownBy(() -> open(true)).hasMessageContaining("is not empty");
    assertThat(base.bytes()).isEqualTo(before);
  }

  @Test
  void aTornFirstHeaderIsReadFromItsCopy() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    Arrays.fill(base.bytes(), 60, 512, (byte) 0x5A);
    assertThat(TestIo.bytes(open(false), 0, 512)).isEqualTo(pattern());
  }

  @Test
  void everyDamageOfBothHeadersIsRefused() throws Exception {
    open(true);
    byte[] whole = base.bytes().clone();
    for (int at = 0; at < 112; at++) {
      System.arraycopy(whole, 0, base.bytes(), 0, whole.length);
      base.bytes()[at] ^= 1;
      base.bytes()[(1 << 16) + at] ^= 1;
      assertThatThrownBy(() -> open(true)).as("byte %d", at).isInstanceOf(IOException.class);
    }
  }

  @Test
  void unmappedBytesReadAsZeros() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    TestIo.unmap(0, 512, false).run(store);
    assertThat(TestIo.bytes(store, 0, 512)).containsOnly(0);
  }

  @Test
  void itGrowsInPlaceWithItsBaseAndIsSoLargeWhenItIsOpenedAgain() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    base.grow(3 << 20);
    assertThat(store.sizeBytes()).isEqualTo(2 << 20);
    TestIo.put(store, (2 << 20) - 512, pattern());
    ((CryptStore) store).close();
    Backstore again = open(false);
    assertThat(again.sizeBytes()).isEqualTo(2 << 20);
    assertThat(TestIo.bytes(again, 0, 512)).isEqualTo(pattern());
    assertThat(TestIo.bytes(again, (2 << 20) - 512, 512)).isEqualTo(pattern());
  }

  @Test
  void itTakesUpWhatItsBaseHasGrownMeanwhile() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    ((CryptStore) store).close();
    base.grow(4 << 20);
    Backstore again = open(false);
    assertThat(again.sizeBytes()).isEqualTo(3 << 20);
    assertThat(again.identity()).isEqualTo(store.identity());
    assertThat(TestIo.bytes(again, 0, 512)).isEqualTo(pattern());
  }

  @Test
  void aHeaderTornWhileItGrowsIsOneOfTheTwo() throws Exception {
    open(true);
    byte[] before = base.bytes().clone();
    base.grow(3 << 20);
    open(false);
    byte[] after = base.bytes().clone();
    // Written first: the copy at 64 KiB; a cut in it, or before the other, leaves a whole one.
    for (int cut : new int[] {1, 60, 112, 512}) {
      System.arraycopy(before, 0, base.bytes(), 0, before.length);
      System.arraycopy(after, 1 << 16, base.bytes(), 1 << 16, cut);
      Header.open(base, SecretSource.file(key).secret(), false, ROUNDS);
      System.arraycopy(before, 0, base.bytes(), 0, 1 << 16);
      System.arraycopy(after, 1 << 16, base.bytes(), 1 << 16, 4096);
      System.arraycopy(after, 0, base.bytes(), 0, cut);
      assertThat(open(false).sizeBytes()).isEqualTo(2 << 20);
    }
  }

  private static CryptoErase key(Backstore store) {
    return store.adapt(CryptoErase.class).orElseThrow();
  }

  @Test
  void whatWasWrittenBeforeItsKeyIsErasedIsLostForWhoeverHasTheSecret() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    String identity = store.identity();
    byte[] before = base.bytes().clone();
    key(store).eraseKey();
    assertThat(store.identity()).isEqualTo(identity);
    assertThat(TestIo.bytes(store, 0, 512)).isNotEqualTo(pattern());
    TestIo.put(store, 512, pattern());
    ((CryptStore) store).close();
    Backstore again = open(false);
    assertThat(again.identity()).isEqualTo(identity);
    assertThat(TestIo.bytes(again, 0, 512)).isNotEqualTo(pattern());
    assertThat(TestIo.bytes(again, 512, 512)).isEqualTo(pattern());
    // The salt of before, without which the secret gives another key, is nowhere.
    String salt = HexFormat.of().formatHex(before, 36, 68);
    assertThat(HexFormat.of().formatHex(base.bytes())).doesNotContain(salt);
  }

  @Test
  void aKeyOfAnotherSecretIsNotPutInPlace() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    byte[] before = base.bytes().clone();
    Files.writeString(key, "a secret of other bytes!");
    assertThatThrownBy(key(store)::eraseKey).hasMessageContaining("another secret than");
    Files.delete(key);
    assertThatThrownBy(key(store)::eraseKey).hasMessageContaining("is no file");
    assertThat(base.bytes()).isEqualTo(before);
    assertThat(TestIo.bytes(store, 0, 512)).isEqualTo(pattern());
  }

  @Test
  void anotherKeyThatIsCutAnywhereIsOneOfTheTwo() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    byte[] before = base.bytes().clone();
    key(store).eraseKey();
    byte[] after = base.bytes().clone();
    for (int cut = 0; cut <= 112; cut += 16) {
      System.arraycopy(before, 0, base.bytes(), 0, before.length);
      System.arraycopy(after, 1 << 16, base.bytes(), 1 << 16, cut);
      assertThat(TestIo.bytes(open(false), 0, 512)).isEqualTo(pattern());
      System.arraycopy(after, 1 << 16, base.bytes(), 1 << 16, 4096);
      System.arraycopy(after, 0, base.bytes(), 0, cut);
      boolean old = Arrays.equals(before, 0, 112, base.bytes(), 0, 112);
      assertThat(Arrays.equals(TestIo.bytes(open(false), 0, 512), pattern())).isEqualTo(old);
    }
  }

  @Test
  void nothingIsWrittenWhileItIsNotKnownWhichKeyCounts() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    byte[] before = base.bytes().clone();
    base.failWith(new IOException("unplugged"));
    assertThatThrownBy(key(store)::eraseKey).hasMessage("unplugged");
    base.failWith(null);
    assertThatThrownBy(() -> TestIo.put(store, 512, pattern()))
        .hasMessage("another key could not be written: unplugged");
    assertThat(base.bytes()).isEqualTo(before);
    key(store).eraseKey();
    TestIo.put(store, 512, pattern());
    assertThat(TestIo.bytes(open(false), 512, 512)).isEqualTo(pattern());
  }

  @Test
  void aBaseThatKeepsItsHeadersOfBeforeCannotMakeItForget() throws Exception {
    class Keeping extends FilterBackstore {
      private final Class<?> offered;

      Keeping(Class<?> offered) {
        super(base);
        this.offered = offered;
      }

      @Override
      public <C> Optional<C> adapt(Class<C> capability) {
        return capability == offered
            ? Optional.of(
                capability.cast(
                    Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {capability},
                        (proxy, method, arguments) -> null)))
            : super.adapt(capability);
      }
    }
    Backstore plain = open(true);
    assertThat(plain.adapt(CryptoErase.class)).isPresent();
    // A filter on top, as throttle and trace are, changes nothing of it.
    assertThat(new FilterBackstore(plain) {}.adapt(CryptoErase.class)).isPresent();
    for (Class<?> offered : List.of(Snapshots.class, CopyOnWrite.class)) {
      Backstore store =
          CryptComponent.open(new Keeping(offered), SecretSource.file(key), false, ROUNDS);
      assertThat(store.adapt(CryptoErase.class)).isEmpty();
    }
  }

  @Test
  void theKeyIsForgottenWhenItIsClosed() throws Exception {
    Backstore store = open(true);
    TestIo.put(store, 0, pattern());
    ((CryptStore) store).close();
    byte[] before = base.bytes().clone();
    assertThatThrownBy(() -> TestIo.put(store, 0, pattern())).hasMessageContaining("closed");
    assertThat(base.bytes()).isEqualTo(before);
  }

  @Test
  void aKeyServiceThatIsAwayIsNamedAndOneThatIsThereIsAsked() throws Exception {
    SecretSource away = SecretSource.service("vault", "disk0", () -> null);
    assertThatThrownBy(away::secret).hasMessage("keyService: vault is not there");
    byte[] secret = new byte[32];
    SecretSource there =
        SecretSource.service(
            "vault",
            "disk0",
            () ->
                id -> {
                  if (!id.equals("disk0")) {
                    throw new IOException("no such key");
                  }
                  return secret.clone();
                });
    assertThat(there.secret()).isEqualTo(secret);
    SecretSource brief = SecretSource.service("vault", "k", () -> id -> new byte[8]);
    assertThatThrownBy(brief::secret)
        .hasMessage("keyService: the secret of vault for k has 8 bytes; allowed: 16 to 65536");
    SecretSource refusing =
        SecretSource.service(
            "vault",
            "k",
            () ->
                id -> {
                  throw new IOException("sealed");
                });
    assertThatThrownBy(refusing::secret)
        .isInstanceOf(SecretSource.UnavailableException.class)
        .hasMessage("keyService: vault has no key k: sealed");
  }

  @Test
  void aKeyFileThatOthersReadIsRefused() throws Exception {
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> open(true)).hasMessageContaining("mode 0600");
  }

  private static byte[] pattern() {
    byte[] data = new byte[512];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 7);
    }
    return data;
  }
}
