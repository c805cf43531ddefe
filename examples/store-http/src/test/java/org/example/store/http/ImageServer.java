// SPDX-License-Identifier: Apache-2.0
package org.example.store.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server with one image, and with what may be wrong with web servers. */
final class ImageServer implements AutoCloseable {
  volatile String etag = "\"v1\"";
  volatile int failWith;
  volatile boolean ignoreRanges;

  private final byte[] image;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  ImageServer(byte[] image) throws IOException {
    this.image = image;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/disk.img", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  String url(String path) {
    InetSocketAddress at = server.getAddress();
    return "http://" + at.getHostString() + ":" + at.getPort() + path;
  }

  HttpStore open() throws IOException {
    return new HttpStore(config(url("/disk.img")));
  }

  static HttpStoreConfig config(String url) {
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

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
