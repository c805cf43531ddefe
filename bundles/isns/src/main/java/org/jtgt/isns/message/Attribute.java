// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns.message;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * One attribute in TLV form (RFC 4171 5.2).
 *
 * @param tag which one, of {@link Tag}
 * @param value its bytes with their padding; none means "no value" or, in a query, "tell me"
 */
public record Attribute(int tag, byte[] value) {
  public Attribute {
    value = value.clone();
  }

  @Override
  public byte[] value() {
    return value.clone();
  }

  /** The attribute without a value. */
  public static Attribute empty(int tag) {
    return new Attribute(tag, new byte[0]);
  }

  /** A text: UTF-8, ended by NUL, padded with NULs to a multiple of 4 (RFC 4171 5.2). */
  public static Attribute text(int tag, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Attribute(tag, Arrays.copyOf(bytes, (bytes.length + 1 + 3) & ~3));
  }

  public static Attribute number(int tag, int number) {
    return new Attribute(tag, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }

  /** An address: 16 bytes, IPv4 mapped into IPv6 (RFC 4171 6.3.1). */
  public static Attribute address(int tag, InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      byte[] mapped = new byte[16];
      mapped[10] = (byte) 0xff;
      mapped[11] = (byte) 0xff;
      System.arraycopy(bytes, 0, mapped, 12, 4);
      bytes = mapped;
    }
    return new Attribute(tag, bytes);
  }

  /** The text of a text attribute. */
  public String asText() {
    int end = value.length;
    while (end > 0 && value[end - 1] == 0) {
      end--;
    }
    return new String(value, 0, end, StandardCharsets.UTF_8);
  }

  /** The number of a number attribute; 0 when it has another length. */
  public int asNumber() {
    return value.length == Integer.BYTES ? ByteBuffer.wrap(value).getInt() : 0;
  }

  /** True when it has no value. */
  public boolean isEmpty() {
    return value.length == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attribute(int otherTag, byte[] otherValue)
        && tag == otherTag
        && Arrays.equals(value, otherValue);
  }

  @Override
  public int hashCode() {
    return 31 * tag + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return tag + "=" + HexFormat.of().formatHex(value);
  }
}
