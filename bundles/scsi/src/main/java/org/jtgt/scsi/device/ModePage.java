// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.HexFormat;

/**
 * A mode page (SPC-4 7.5) as a row of a table: what it says by default and which bits MODE SELECT
 * can change.
 *
 * @param code PAGE CODE
 * @param subpage SUBPAGE CODE; 0 for the page_0 format
 * @param name its name, for documents
 * @param defaults the page with its header, PS as it is told
 * @param changeable the bits that can be changed, as long as the page; zeros in the header
 */
public record ModePage(int code, int subpage, String name, byte[] defaults, byte[] changeable) {
  /**
   * A page from hexadecimal text.
   *
   * @param body default values behind the header
   * @param mask changeable bits behind the header; empty when there are none
   */
  public static ModePage of(int code, int subpage, String name, String body, String mask) {
    byte[] values = HexFormat.of().parseHex(body.replace(" ", ""));
    int header = subpage == 0 ? 2 : 4;
    byte[] defaults = new byte[header + values.length];
    byte[] changeable = new byte[defaults.length];
    byte[] bits = HexFormat.of().parseHex(mask.replace(" ", ""));
    if (bits.length != 0 && bits.length != values.length) {
      throw new IllegalArgumentException(name + ": mask of " + bits.length + " bytes");
    }
    System.arraycopy(bits, 0, changeable, header, bits.length);
    boolean savable = bits.length > 0;
    defaults[0] = (byte) ((savable ? 0x80 : 0) | (subpage == 0 ? 0 : 0x40) | code);
    if (subpage == 0) {
      defaults[1] = (byte) values.length;
    } else {
      defaults[1] = (byte) subpage;
      defaults[2] = (byte) (values.length >> 8);
      defaults[3] = (byte) values.length;
    }
    System.arraycopy(values, 0, defaults, header, values.length);
    return new ModePage(code, subpage, name, defaults, changeable);
  }

  /** Page code and subpage code in one number. */
  public int key() {
    return code << 8 | subpage;
  }

  /** Bytes of the page's header. */
  public int headerBytes() {
    return subpage == 0 ? 2 : 4;
  }

  /** The page with some default bits set or cleared. */
  public ModePage withDefault(int at, int mask, boolean set) {
    byte[] values = defaults.clone();
    values[at] = (byte) (set ? values[at] | mask : values[at] & ~mask);
    return new ModePage(code, subpage, name, values, changeable);
  }
}
