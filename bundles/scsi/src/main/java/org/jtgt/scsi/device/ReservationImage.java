// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Reservations.Type;

/**
 * A reservation state as it is kept over power loss (SPC-4 5.13.5): lines of text that an operator
 * can read, the last one a checksum of those before it. PRGENERATION is not kept: it begins with
 * zero after power on (SPC-4 6.15.2).
 */
public final class ReservationImage {
  private static final String FIRST = "persistent reservations 1";

  private ReservationImage() {}

  /** The image of a state with APTPL. */
  public static byte[] write(ReservationState state) {
    StringBuilder text = new StringBuilder(FIRST).append('\n');
    state
        .keys()
        .forEach((who, key) ->
            text.append("key ")
                .append(HexFormat.of().toHexDigits(key))
                .append(nexus(who))
                .append('\n'));
    Type type = state.type();
    Registrant holder = state.holder();
    if (type != null && holder != null) {
      text.append("type ").append(type.code()).append(nexus(holder)).append('\n');
    }
    return text.append(checksum(text)).append('\n').toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String nexus(Registrant who) {
    return " port " + who.relativePort() + " initiator " + who.transportId();
  }

  private static String checksum(CharSequence text) {
    CRC32C crc = new CRC32C();
    crc.update(text.toString().getBytes(StandardCharsets.US_ASCII));
    return "crc32c " + HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /**
   * The state of an image.
   *
   * @throws IllegalArgumentException when the image is damaged, with what is wrong
   */
  public static ReservationState read(byte[] image) {
    String text = new String(image, StandardCharsets.US_ASCII);
    int last = text.lastIndexOf("crc32c ");
    if (!text.startsWith(FIRST + "\n") || last < 0) {
      throw new IllegalArgumentException("it is no list of persistent reservations");
    }
    if (!text.substring(last).equals(checksum(text.substring(0, last)) + "\n")) {
      throw new IllegalArgumentException("its checksum is wrong");
    }
    Map<Registrant, Long> keys = new LinkedHashMap<>();
    @Nullable Registrant holder = null;
    @Nullable Type type = null;
    for (String line : text.substring(FIRST.length() + 1, last).lines().toList()) {
      String[] words = line.split(" ");
      if (words.length != 6) {
        throw new IllegalArgumentException("unknown line: " + line);
      }
      Registrant who = new Registrant(words[5], Integer.parseInt(words[3]));
      if (words[0].equals("key")) {
        keys.put(who, HexFormat.fromHexDigitsToLong(words[1]));
      } else {
        holder = who;
        type = Type.of(Integer.parseInt(words[1])).orElseThrow(IllegalArgumentException::new);
      }
    }
    return new ReservationState(keys, holder, type, null, true, 0);
  }
}
