// SPDX-License-Identifier: Apache-2.0
package org.example.store.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpStoreTest {
  private final byte[] image = new byte[10_000];
  private ImageServer server;
  private HttpStore store;

  @BeforeEach
  void serve() throws IOException {
    new Random(1).nextBytes(image);
    server = new ImageServer(image);
    store = server.open();
  }

  @AfterEach
  void stop() {
    store.close();
    server.close();
  }

  private byte[] read(long offset, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocateDirect(length);
    store.read(offset, target);
    byte[] bytes = new byte[length];
    target.flip().get(bytes);
    return bytes;
  }

  private Kind kindOfFailure() {
    return assertThrows(BackstoreException.class, () -> read(0, 512)).kind();
  }

  @Test
  void readsAnyRangeOfTheImage() throws IOException {
    assertArrayEquals(Arrays.copyOfRange(image, 1024, 5120), read(1024, 4096));
    assertArrayEquals(Arrays.copyOfRange(image, 100, 101), read(100, 1));
  }

  @Test
  void fillsTheLastBlockUpWithZeros() throws IOException {
    assertEquals(10_240, store.sizeBytes());
    assertArrayEquals(Arrays.copyOfRange(image, 9728, 10_240), read(9728, 512));
  }

  @Test
  void isWriteProtected() {
    assertTrue(store.readOnly());
    var refusal =
        assertThrows(BackstoreException.class, () -> store.write(0, ByteBuffer.allocate(512)));
    assertEquals(Kind.WRITE_PROTECTED, refusal.kind());
  }

  @Test
  void anotherVersionOfTheImageIsAnotherDisk() throws IOException {
    String before = store.identity();
    server.etag = "\"v2\"";
    assertEquals(Kind.GONE, kindOfFailure());
    store.close();
    store = server.open();
    assertNotEquals(before, store.identity());
    read(0, 512);
  }

  @Test
  void whatMayWorkLaterIsTransient() throws IOException {
    server.failWith = 503;
    assertEquals(Kind.TRANSIENT, kindOfFailure());
    server.failWith = 0;
    read(0, 512);
    server.close();
    assertEquals(Kind.TRANSIENT, kindOfFailure());
  }

  @Test
  void anAnswerThatIsNotTheRangeIsNeverServed() {
    server.ignoreRanges = true;
    assertThrows(IOException.class, () -> read(512, 512));
  }

  @Test
  void whatCannotBeServedIsRefusedWithTheUrl() {
    String missing = server.url("/missing.img");
    assertTrue(refusal(missing).contains(missing + " answers 404"));
    assertTrue(refusal("ftp://x/y").contains("url: 'ftp://x/y' is not allowed"));
    server.etag = "W/\"weak\"";
    assertTrue(refusal(server.url("/disk.img")).contains("ETag"));
  }

  private static String refusal(String url) {
    return assertThrows(IOException.class, () -> new HttpStore(ImageServer.config(url)))
        .getMessage();
  }
}
