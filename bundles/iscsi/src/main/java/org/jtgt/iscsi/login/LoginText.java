// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.text.TextException;
import org.jtgt.iscsi.text.TextPair;

/**
 * The texts of a login, each of which may span several PDUs by the C bit (RFC 7143 6.2, 11.12.2).
 *
 * <p>Not for several threads at once.
 */
final class LoginText {
  /** Most bytes of one text. */
  private static final int MAX_BYTES = 64 * 1024;

  /** Every receiver takes 8192 bytes during login (RFC 7143 13.12). */
  private static final int PDU_BYTES = 8192;

  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private byte[] toSend = new byte[0];

  /**
   * Takes the data segment of a request.
   *
   * @return the pairs when the text is complete; empty while more of it is to come
   */
  Optional<List<TextPair>> receive(byte[] data, boolean continues)
      throws LoginFailure, TextException {
    if (received.size() + data.length > MAX_BYTES) {
      throw new LoginFailure(LoginStatus.INITIATOR_ERROR, "login text over " + MAX_BYTES);
    }
    received.writeBytes(data);
    if (continues) {
      return Optional.empty();
    }
    List<TextPair> pairs = TextPair.parse(received.toByteArray());
    received.reset();
    return Optional.of(pairs);
  }

  /** Sets what is to be sent. */
  void send(List<TextPair> answers) {
    toSend = TextPair.encode(answers);
  }

  /** True while something is left to be sent. */
  boolean sending() {
    return toSend.length > 0;
  }

  /** True when what is left needs more than one PDU. */
  boolean exceedsPdu() {
    return toSend.length > PDU_BYTES;
  }

  /** The next part, at most one PDU. */
  byte[] takePart() {
    int bytes = Math.min(toSend.length, PDU_BYTES);
    byte[] part = Arrays.copyOf(toSend, bytes);
    toSend = Arrays.copyOfRange(toSend, bytes, toSend.length);
    return part;
  }
}
