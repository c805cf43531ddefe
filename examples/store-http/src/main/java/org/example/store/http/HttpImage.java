// SPDX-License-Identifier: Apache-2.0
package org.example.store.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/**
 * One version of a file on a web server: its length and ETag as they were when it was opened. Reads
 * are range requests (RFC 9110 14.2) on that version alone.
 */
final class HttpImage {
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int NOT_FOUND = 404;
  private static final int PRECONDITION_FAILED = 412;
  private static final int SERVER_ERRORS = 500;

  private final HttpClient client;
  private final URI uri;
  private final Duration timeout;
  private final long lengthBytes;
  private final String etag;

  private HttpImage(HttpClient client, URI uri, Duration timeout, long lengthBytes, String etag) {
    this.client = client;
    this.uri = uri;
    this.timeout = timeout;
    this.lengthBytes = lengthBytes;
    this.etag = etag;
  }

  /**
   * Asks the server for length and ETag.
   *
   * @throws IOException with one line: key, value and what is wrong
   */
  static HttpImage open(String url, Duration timeout) throws IOException {
    if (!url.matches("https?://\\S+")) {
      throw new IOException("url: '" + url + "' is not allowed; allowed: http:// or https://");
    }
    URI uri = URI.create(url);
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(timeout)
            .build();
    try {
      HttpRequest head = HttpRequest.newBuilder(uri).timeout(timeout).HEAD().build();
      HttpResponse<Void> answer = send(client, head, BodyHandlers.discarding());
      if (answer.statusCode() != OK) {
        throw new IOException("url: " + url + " answers " + answer.statusCode());
      }
      if (!answer.headers().firstValue("Accept-Ranges").orElse("").contains("bytes")) {
        throw new IOException("url: " + url + ": its server offers no byte ranges");
      }
      // A weak ETag promises alike, not the same bytes (RFC 9110 8.8.1).
      String etag = answer.headers().firstValue("ETag").orElse("");
      if (!etag.startsWith("\"")) {
        throw new IOException("url: " + url + ": its server tells no strong ETag");
      }
      long length = answer.headers().firstValueAsLong("Content-Length").orElse(0);
      if (length <= 0) {
        throw new IOException("url: " + url + ": its server tells no length");
      }
      return new HttpImage(client, uri, timeout, length, etag);
    } catch (IOException | RuntimeException failure) {
      client.close();
      throw failure;
    }
  }

  long lengthBytes() {
    return lengthBytes;
  }

  String etag() {
    return etag;
  }

  void close() {
    client.close();
  }

  /**
   * Reads bytes that lie inside the length.
   *
   * @throws BackstoreException of a kind that makes initiators do the right thing: GONE when this
   *     version is no more there, TRANSIENT when the server may answer later
   */
  byte[] read(long offsetBytes, int lengthBytes) throws IOException {
    long last = offsetBytes + lengthBytes - 1;
    String range = "bytes=" + offsetBytes + "-" + last;
    HttpRequest get =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Range", range)
            .header("If-Match", etag)
            .build();
    HttpResponse<byte[]> answer;
    try {
      answer = send(client, get, BodyHandlers.ofByteArray());
    } catch (BackstoreException alreadyTyped) {
      throw alreadyTyped;
    } catch (IOException noAnswer) {
      throw BackstoreException.of(
          Kind.TRANSIENT, "%s: %s: %s".formatted(uri, range, noAnswer), noAnswer);
    }
    int status = answer.statusCode();
    if (status == PRECONDITION_FAILED || status == NOT_FOUND) {
      throw BackstoreException.of(
          Kind.GONE, "%s: the image with the ETag %s is gone (%d)".formatted(uri, etag, status));
    }
    if (status >= SERVER_ERRORS) {
      throw BackstoreException.of(
          Kind.TRANSIENT, "%s: %s is answered by %d".formatted(uri, range, status));
    }
    String given = answer.headers().firstValue("Content-Range").orElse("none");
    String expected = "bytes " + offsetBytes + "-" + last + "/" + this.lengthBytes;
    if (status != PARTIAL_CONTENT
        || !given.equals(expected)
        || answer.body().length != lengthBytes) {
      throw new IOException(
          "%s: %s is answered by %d with %d bytes, Content-Range %s"
              .formatted(uri, range, status, answer.body().length, given));
    }
    return answer.body();
  }

  private static <T> HttpResponse<T> send(
      HttpClient client, HttpRequest request, HttpResponse.BodyHandler<T> body) throws IOException {
    try {
      return client.send(request, body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BackstoreException.of(Kind.TRANSIENT, request.uri() + ": interrupted", e);
    }
  }
}
