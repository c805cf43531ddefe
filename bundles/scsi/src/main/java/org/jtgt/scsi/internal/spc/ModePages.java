// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import java.util.List;
import org.jtgt.scsi.device.Unit;

/** The mode pages (SPC-4 7.5, SBC-3 6.5): one table for MODE SENSE and MODE SELECT. */
final class ModePages {
  /** PAGE CONTROL (SPC-4 table 182). */
  enum Control {
    CURRENT,
    CHANGEABLE,
    DEFAULT
  }

  static final int CACHING = 0x08;
  static final int CONTROL = 0x0A;

  /** WCE in byte 2 of the Caching page. */
  static final int WCE = 0x04;

  /** D_SENSE in byte 2 of the Control page. */
  static final int D_SENSE = 0x04;

  /** SWP in byte 4 of the Control page. */
  static final int SWP = 0x08;

  /** Fills a page, its header already there. */
  @FunctionalInterface
  private interface Fill {
    void fill(ByteBuffer page, Control control, Unit unit);
  }

  /**
   * A page.
   *
   * @param code PAGE CODE
   * @param subpage SUBPAGE CODE, 0 for the page_0 format
   * @param bytes its length with the header
   */
  record Page(int code, int subpage, int bytes, Fill content) {
    /** The page with its header. */
    byte[] bytes(Control control, Unit unit) {
      ByteBuffer out = ByteBuffer.allocate(bytes);
      if (subpage == 0) {
        out.put(0, (byte) code).put(1, (byte) (bytes - 2));
      } else {
        out.put(0, (byte) (0x40 | code)).put(1, (byte) subpage).putShort(2, (short) (bytes - 4));
      }
      content.fill(out, control, unit);
      return out.array();
    }
  }

  /** All pages, by code and subpage. */
  static final List<Page> ALL =
      List.of(
          // Read-Write Error Recovery (SBC-3 6.5.7): AWRE, ARRE
          new Page(0x01, 0, 12, (page, control, unit) -> fixed(page, control, 2, 0xC0)),
          // Disconnect-Reconnect (SPC-4 7.5.10)
          new Page(0x02, 0, 16, (page, control, unit) -> {}),
          new Page(CACHING, 0, 20, ModePages::caching),
          new Page(CONTROL, 0, 12, ModePages::control),
          // Control Extension (SPC-4 7.5.9)
          new Page(CONTROL, 1, 32, (page, control, unit) -> {}),
          // Informational Exceptions Control (SBC-3 6.5.8): DEXCPT
          new Page(0x1C, 0, 12, (page, control, unit) -> fixed(page, control, 2, 0x08)));

  private ModePages() {}

  private static void fixed(ByteBuffer page, Control control, int at, int value) {
    if (control != Control.CHANGEABLE) {
      page.put(at, (byte) value);
    }
  }

  /** SBC-3 6.5.6. */
  private static void caching(ByteBuffer page, Control control, Unit unit) {
    boolean on =
        switch (control) {
          case CURRENT -> unit.writeCache();
          case CHANGEABLE -> true;
          case DEFAULT -> unit.writeCacheDefault();
        };
    page.put(2, (byte) (on ? WCE : 0));
  }

  /** SPC-4 7.5.8. */
  private static void control(ByteBuffer page, Control control, Unit unit) {
    boolean changeable = control == Control.CHANGEABLE;
    boolean current = control == Control.CURRENT;
    boolean descriptor = changeable || (current && unit.descriptorSense());
    boolean protect = changeable || (current && unit.softwareWriteProtect());
    page.put(2, (byte) ((descriptor ? D_SENSE : 0) | (changeable ? 0 : 0x02))); // GLTSD
    page.put(4, (byte) (protect ? SWP : 0));
    if (!changeable) {
      page.put(3, (byte) 0x10); // QUEUE ALGORITHM MODIFIER: unrestricted reordering
      page.putShort(8, (short) 0xFFFF); // BUSY TIMEOUT PERIOD: unlimited
    }
  }
}
