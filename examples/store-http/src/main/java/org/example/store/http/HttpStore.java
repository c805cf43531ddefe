// SPDX-License-Identifier: Apache-2.0
package org.example.store.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/** A disk image on a web server as a read-only store. */
@Component(
    configurationPid = "org.example.store.http",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = Backstore.class,
    immediate = true)
@Designate(ocd = HttpStoreConfig.class, factory = true)
public final class HttpStore implements BlockingBackstore {
  private static final int BLOCK = 512;

  private final HttpImage image;

  /**
   * Opens the image.
   *
   * @throws IOException when it is not there; jtgt shows the message and tries again later
   */
  @Activate
  public HttpStore(HttpStoreConfig config) throws IOException {
    image = HttpImage.open(config.url(), Duration.ofSeconds(config.timeoutSeconds()));
  }

  /** jtgt has drained the I/O before. */
  @Deactivate
  void close() {
    image.close();
  }

  /** The image as it is now: another ETag is another disk, and jtgt asks before it serves that. */
  @Override
  public String identity() {
    return "http-" + image.etag();
  }

  /** An image that ends inside a block is filled up with zeros. */
  @Override
  public long sizeBytes() {
    return (image.lengthBytes() + BLOCK - 1) / BLOCK * BLOCK;
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws IOException {
    long last = Math.min(offsetBytes + target.remaining(), image.lengthBytes());
    if (last > offsetBytes) {
      target.put(image.read(offsetBytes, (int) (last - offsetBytes)));
    }
    while (target.hasRemaining()) {
      target.put((byte) 0);
    }
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws IOException {
    throw BackstoreException.of(Kind.WRITE_PROTECTED, "an image on a web server is not written");
  }

  /** There is never anything to flush. */
  @Override
  public void flush() {}
}
