// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns.message;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An iSNS message (RFC 4171 5.1), over as many PDUs as it takes.
 *
 * @param function a {@link Function}, with {@link Function#RESPONSE} in a response
 * @param replace the replace flag of DevAttrReg
 * @param transaction Transaction ID: a response has its request's
 * @param status of a response; 0 in a request
 * @param attributes its attributes in order
 */
public record Message(
    int function, boolean replace, int transaction, int status, List<Attribute> attributes) {
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 12;
  private static final int CLIENT = 0x8000;
  private static final int SERVER = 0x4000;
  private static final int AUTHENTICATED = 0x2000;
  private static final int REPLACE = 0x1000;
  private static final int LAST_PDU = 0x0800;
  private static final int FIRST_PDU = 0x0400;

  /** Most payload of a PDU (RFC 4171 5.1.3: a multiple of 4 that fits into 16 bits). */
  private static final int MOST_PDU_BYTES = 65532;

  /** Most bytes of a message that is received. */
  private static final int MOST_MESSAGE_BYTES = 4 << 20;

  public Message {
    attributes = List.copyOf(attributes);
  }

  /** A request that a client sends. */
  public static Message request(int function, int transaction, List<Attribute> attributes) {
    return new Message(function, false, transaction, 0, attributes);
  }

  /** The response to this request. */
  public Message response(int withStatus, List<Attribute> with) {
    return new Message(function | Function.RESPONSE, false, transaction, withStatus, with);
  }

  public boolean isResponse() {
    return (function & Function.RESPONSE) != 0;
  }

  /** The first attribute with a tag, behind the delimiter. */
  public Optional<Attribute> operating(int tag) {
    return operating().stream().filter(attribute -> attribute.tag() == tag).findFirst();
  }

  /** The attributes behind the delimiter (RFC 4171 5.6.4). */
  public List<Attribute> operating() {
    for (int i = 0; i < attributes.size(); i++) {
      if (attributes.get(i).tag() == Tag.DELIMITER) {
        return attributes.subList(i + 1, attributes.size());
      }
    }
    return List.of();
  }

  /**
   * Writes it.
   *
   * @param byServer who sends it
   */
  public void writeTo(OutputStream out, boolean byServer) throws IOException {
    byte[] payload = payload();
    int from = 0;
    int sequence = 0;
    var message = new ByteArrayOutputStream();
    var data = new DataOutputStream(message);
    do {
      int bytes = Math.min(MOST_PDU_BYTES, payload.length - from);
      boolean last = from + bytes == payload.length;
      data.writeShort(VERSION);
      data.writeShort(function);
      data.writeShort(bytes);
      data.writeShort(
          (byServer ? SERVER : CLIENT)
              | (replace ? REPLACE : 0)
              | (last ? LAST_PDU : 0)
              | (sequence == 0 ? FIRST_PDU : 0));
      data.writeShort(transaction);
      data.writeShort(sequence++);
      data.write(payload, from, bytes);
      from += bytes;
    } while (from < payload.length);
    message.writeTo(out);
    out.flush();
  }

  private byte[] payload() {
    try {
      var bytes = new ByteArrayOutputStream();
      var data = new DataOutputStream(bytes);
      if (isResponse()) {
        data.writeInt(status);
      }
      for (Attribute attribute : attributes) {
        byte[] value = attribute.value();
        data.writeInt(attribute.tag());
        data.writeInt(value.length);
        data.write(value);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads the next one.
   *
   * @throws EOFException when there is none
   * @throws IOException when what comes is no iSNS message
   */
  public static Message readFrom(InputStream in) throws IOException {
    var data = new DataInputStream(in);
    var payload = new ByteArrayOutputStream();
    int function = 0;
    int transaction = 0;
    int flags;
    boolean first = true;
    do {
      byte[] header = new byte[HEADER_BYTES];
      data.readFully(header);
      ByteBuffer fields = ByteBuffer.wrap(header);
      int version = fields.getShort(0) & 0xffff;
      int bytes = fields.getShort(4) & 0xffff;
      flags = fields.getShort(6) & 0xffff;
      if (version != VERSION || payload.size() + bytes > MOST_MESSAGE_BYTES) {
        throw new IOException("no iSNS message: version " + version + ", " + bytes + " bytes");
      }
      if ((flags & AUTHENTICATED) != 0) {
        throw new IOException("an iSNS message with an authentication block, which is not known");
      }
      if (first) {
        function = fields.getShort(2) & 0xffff;
        transaction = fields.getShort(8) & 0xffff;
      } else if (function != (fields.getShort(2) & 0xffff)
          || transaction != (fields.getShort(8) & 0xffff)) {
        throw new IOException("an iSNS message that another one interrupts");
      }
      first = false;
      byte[] part = new byte[bytes];
      data.readFully(part);
      payload.writeBytes(part);
    } while ((flags & LAST_PDU) == 0);
    return parse(function, (flags & REPLACE) != 0, transaction, payload.toByteArray());
  }

  private static Message parse(int function, boolean replace, int transaction, byte[] payload)
      throws IOException {
    ByteBuffer left = ByteBuffer.wrap(payload);
    boolean response = (function & Function.RESPONSE) != 0;
    if (response && left.remaining() < Integer.BYTES) {
      throw new EOFException("an iSNS response without a status");
    }
    int status = response ? left.getInt() : 0;
    List<Attribute> attributes = new ArrayList<>();
    while (left.hasRemaining()) {
      if (left.remaining() < 2 * Integer.BYTES) {
        throw new EOFException("an iSNS attribute that is cut");
      }
      int tag = left.getInt();
      int bytes = left.getInt();
      if (bytes < 0 || bytes > left.remaining()) {
        throw new EOFException("an iSNS attribute " + tag + " that is cut");
      }
      byte[] value = new byte[bytes];
      left.get(value);
      attributes.add(new Attribute(tag, value));
    }
    return new Message(function, replace, transaction, status, attributes);
  }
}
