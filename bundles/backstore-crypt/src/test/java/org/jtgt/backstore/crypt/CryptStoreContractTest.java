// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.FilterUnderTest;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.junit.jupiter.api.io.TempDir;

class CryptStoreContractTest extends StoreContractTest {
  @TempDir Path folder;

  @Override
  protected StoreUnderTest store() throws Exception {
    Path key = folder.resolve("key");
    Files.writeString(key, "a secret of enough bytes");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    return new FilterUnderTest(
        ArrayStore.inline(2 << 20),
        Header.DATA_OFFSET,
        base -> CryptComponent.open(base, SecretSource.file(key), true, CryptStoreTest.ROUNDS));
  }
}
