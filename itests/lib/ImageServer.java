// SPDX-License-Identifier: Apache-2.0

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/**
 * A web server for a suite: `java ImageServer.java FOLDER PORT-FILE` answers HEAD and range requests for the files of
 * a folder on a free port of 127.0.0.1, which it writes into PORT-FILE.
 */
class ImageServer {
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, folder));
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
    Path half = Path.of(args[1] + ".new");
    Files.writeString(half, Integer.toString(server.getAddress().getPort()));
    Files.move(half, Path.of(args[1]));
  }

  private static void answer(HttpExchange exchange, Path folder) throws IOException {
    Path image = folder.resolve(exchange.getRequestURI().getPath().substring(1));
    try (exchange) {
      long length = Files.size(image);
      var headers = exchange.getResponseHeaders();
      headers.set("ETag", "\"" + length + "\"");
      headers.set("Accept-Ranges", "bytes");
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range == null) {
        headers.set("Content-Length", Long.toString(length));
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      String[] ends = range.substring("bytes=".length()).split("-");
      long first = Long.parseLong(ends[0]);
      long last = Long.parseLong(ends[1]);
      byte[] bytes = new byte[(int) (last - first + 1)];
      try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
        file.seek(first);
        file.readFully(bytes);
      }
      headers.set("Content-Range", "bytes " + first + "-" + last + "/" + length);
      exchange.sendResponseHeaders(206, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
