// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CryptStoreTest {
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
    return CryptComponent.open(base, key, format);
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
    assertThatThrownBy(() -> open(true)).hasMessageContaining("keyFile: holds another secret");
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
