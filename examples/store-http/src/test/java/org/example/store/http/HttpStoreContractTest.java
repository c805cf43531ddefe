// SPDX-License-Identifier: Apache-2.0
package org.example.store.http;

import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;

/** The store keeps the contract, as far as it concerns a read-only one. */
class HttpStoreContractTest extends StoreContractTest {
  @Override
  protected StoreUnderTest store() throws IOException {
    byte[] image = new byte[20_000];
    new Random(1).nextBytes(image);
    ImageServer server = new ImageServer(image);
    return new StoreUnderTest() {
      @Override
      public Backstore open() throws IOException {
        return server.open();
      }

      @Override
      public void close(Backstore store) {
        ((HttpStore) store).close();
      }

      @Override
      public Optional<byte[]> content() {
        return Optional.of(image);
      }

      @Override
      public void remove() {
        server.close();
      }
    };
  }
}
