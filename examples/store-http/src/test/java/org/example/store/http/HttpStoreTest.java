// SPDX-License-Identifier: Apache-2.0
package org.example.store.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
  private HttpServer server;
  private volatile String etag = "\"v1\"";
  private volatile int failWith;
  private volatile boolean ignoreRanges;
  private HttpStore store;

  @BeforeEach
  void serve() throws IOException {
    new Random(1).nextBytes(image);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/disk.img", this::answer);
    server.start();
    store = new HttpStore(config(url("/disk.img")));
  }

  @AfterEach
  void stop() {
    store.close();
    server.stop(0);
  }

  private String url(String path) {
    InetSocketAddress at = server.getAddress();
    return "http://" + at.getHostString() + ":" + at.getPort() + path;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var headers = exchange.getResponseHeaders();
      headers.set("ETag", etag);
      headers.set("Accept-Ranges", "bytes");
      String match = exchange.getRequestHeaders().getFirst("If-Match");
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (failWith != 0) {
        exchange.sendResponseHeaders(failWith, -1);
      } else if (match != null && !match.equals(etag)) {
        exchange.sendResponseHeaders(412, -1);
      } else if (exchange.getRequestMethod().equals("HEAD")) {
        headers.set("Content-Length", Integer.toString(image.length));
        exchange.sendResponseHeaders(200, -1);
      } else if (range == null || ignoreRanges) {
        exchange.sendResponseHeaders(200, image.length);
        exchange.getResponseBody().write(image);
      } else {
        String[] ends = range.substring("bytes=".length()).split("-");
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[1]);
        headers.set("Content-Range", "bytes " + first + "-" + last + "/" + image.length);
        exchange.sendResponseHeaders(206, last - first + 1);
        exchange.getResponseBody().write(image, first, last - first + 1);
      }
    }
  }

  private static HttpStoreConfig config(String url) {
    return new HttpStoreConfig() {
      @Override
      public String url() {
        return url;
      }

      @Override
      public int timeoutSeconds() {
        return 5;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return HttpStoreConfig.class;
      }
    };
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
    etag = "\"v2\"";
    assertEquals(Kind.GONE, kindOfFailure());
    store.close();
    store = new HttpStore(config(url("/disk.img")));
    assertNotEquals(before, store.identity());
    read(0, 512);
  }

  @Test
  void whatMayWorkLaterIsTransient() throws IOException {
    failWith = 503;
    assertEquals(Kind.TRANSIENT, kindOfFailure());
    failWith = 0;
    read(0, 512);
    server.stop(0);
    assertEquals(Kind.TRANSIENT, kindOfFailure());
  }

  @Test
  void anAnswerThatIsNotTheRangeIsNeverServed() {
    ignoreRanges = true;
    assertThrows(IOException.class, () -> read(512, 512));
  }

  @Test
  void whatCannotBeServedIsRefusedWithTheUrl() {
    String missing = url("/missing.img");
    assertTrue(refusal(missing).contains(missing + " answers 404"));
    assertTrue(refusal("ftp://x/y").contains("url: 'ftp://x/y' is not allowed"));
    etag = "W/\"weak\"";
    assertTrue(refusal(url("/disk.img")).contains("ETag"));
  }

  private static String refusal(String url) {
    return assertThrows(IOException.class, () -> new HttpStore(config(url))).getMessage();
  }
}
