// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.jtgt.backstore.Backstore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The header of an open store and the keys that fit it, which change together. One header is
 * written at a time. Who uses the cipher sees to it that nobody replaces it meanwhile.
 */
final class Keys {
  private static final Logger LOG = LoggerFactory.getLogger(Keys.class);

  private final Backstore base;
  private volatile Header header;
  private byte[] checkKey;
  private volatile Xts xts;
  private volatile String doubt = "";

  /**
   * @param opened its data key is forgotten
   */
  Keys(Backstore base, Header.Opened opened) {
    this.base = base;
    header = opened.header();
    checkKey = opened.checkKey();
    xts = cipher(opened);
  }

  private static Xts cipher(Header.Opened opened) {
    Xts made = Xts.of(opened.dataKey());
    Arrays.fill(opened.dataKey(), (byte) 0);
    LOG.info("{}: encrypted with {}", opened.header().uuid(), made.provider());
    return made;
  }

  Header header() {
    return header;
  }

  Xts xts() {
    return xts;
  }

  /** Why it is not known which keys count; empty when it is. */
  String doubt() {
    return doubt;
  }

  /** The header of this store in an earlier image of its base; empty when there is none. */
  synchronized Optional<Header> in(Backstore image) throws IOException {
    return header.in(image, checkKey);
  }

  /** Writes the header anew, where the base has become what it was earlier. */
  synchronized void write() throws IOException {
    header.write(base, checkKey);
  }

  /** Takes over what the base has grown; false when that is nothing. */
  synchronized boolean grow() throws IOException {
    Header before = header;
    header = before.grown(base, checkKey);
    return header != before;
  }

  /**
   * Puts others in place, which nobody can derive from what lies in the base before it is written.
   *
   * @throws IOException as {@link Header#withAnotherKey}
   */
  synchronized void replace(byte[] secret) throws IOException {
    Header.Opened made;
    try {
      made = header.withAnotherKey(base, secret, checkKey);
    } catch (SecretSource.UnavailableException nothingWritten) {
      throw nothingWritten;
    } catch (IOException failure) {
      // Written with the wrong one of the two, data would be lost at the next opening.
      doubt = "another key could not be written: " + failure.getMessage();
      throw failure;
    }
    forget();
    header = made.header();
    checkKey = made.checkKey();
    xts = cipher(made);
    doubt = "";
  }

  synchronized void forget() {
    xts.close();
    Arrays.fill(checkKey, (byte) 0);
  }
}
