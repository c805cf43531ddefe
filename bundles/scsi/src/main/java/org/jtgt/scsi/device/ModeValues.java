// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The values of all mode pages of a unit at one time; immutable. What the hot path asks is kept
 * apart.
 */
public final class ModeValues {
  /** Caching (SBC-3 6.5.6), page_0 format. */
  public static final int CACHING = 0x08 << 8;

  /** Control (SPC-4 7.5.8). */
  public static final int CONTROL = 0x0A << 8;

  /** WCE in byte 2 of the Caching page. */
  public static final int WCE = 0x04;

  /** QERR: other commands are not affected. */
  public static final int QERR_NONE = 0;

  /** QERR: all commands in the task set are aborted; the other value means those of the nexus. */
  public static final int QERR_ALL = 1;

  /** UA_INTLCK_CTRL: a unit attention condition is cleared when it is reported. */
  public static final int INTERLOCK_NONE = 0;

  /**
   * UA_INTLCK_CTRL: none is cleared but by REQUEST SENSE, and a status without sense data
   * establishes one; the other value means the first alone.
   */
  public static final int INTERLOCK_STATUS = 3;

  private final Map<Integer, byte[]> pages;
  private final boolean writeCache;
  private final boolean descriptorSense;
  private final boolean softwareWriteProtect;
  private final boolean taskAbortedStatus;
  private final int queueErrorManagement;
  private final int unitAttentionInterlock;

  private ModeValues(Map<Integer, byte[]> pages) {
    this.pages = pages;
    // A device type without a Caching page has no volatile cache of its own.
    writeCache = bit(CACHING, 2, WCE);
    descriptorSense = bit(CONTROL, 2, 0x04);
    softwareWriteProtect = bit(CONTROL, 4, 0x08);
    taskAbortedStatus = bit(CONTROL, 5, 0x40);
    queueErrorManagement = (bit(CONTROL, 3, 0x02) ? 1 : 0) + (bit(CONTROL, 3, 0x04) ? 2 : 0);
    unitAttentionInterlock = (bit(CONTROL, 4, 0x10) ? 1 : 0) + (bit(CONTROL, 4, 0x20) ? 2 : 0);
  }

  /** The default values of pages. */
  public static ModeValues defaults(List<ModePage> pages) {
    Map<Integer, byte[]> values = new TreeMap<>();
    pages.forEach(page -> values.put(page.key(), page.defaults().clone()));
    return new ModeValues(values);
  }

  /** The same with other values of some pages, each with its header. */
  public ModeValues with(Map<Integer, byte[]> changed) {
    Map<Integer, byte[]> values = new TreeMap<>(pages);
    changed.forEach((key, bytes) -> values.put(key, bytes.clone()));
    return new ModeValues(values);
  }

  /** The same with all pages of others in the place of its own. */
  public ModeValues with(ModeValues others) {
    return with(others.pages);
  }

  /** Whether there is such a page. */
  public boolean has(int key) {
    return pages.containsKey(key);
  }

  /** The same with some bits of a page set or cleared. */
  public ModeValues with(int key, int at, int mask, boolean set) {
    byte[] page = page(key);
    if (page.length <= at) {
      return this;
    }
    page[at] = (byte) (set ? page[at] | mask : page[at] & ~mask);
    return with(Map.of(key, page));
  }

  /** A page with its header; empty when there is none. */
  public byte[] page(int key) {
    byte[] page = pages.get(key);
    return page == null ? new byte[0] : page.clone();
  }

  /** Whether any of some bits of a page is set. */
  public boolean bit(int key, int at, int mask) {
    byte[] page = pages.get(key);
    return page != null && (page[at] & mask) != 0;
  }

  /** WCE (SBC-3 6.5.6). */
  public boolean writeCache() {
    return writeCache;
  }

  /** D_SENSE (SPC-4 7.5.8). */
  public boolean descriptorSense() {
    return descriptorSense;
  }

  /** SWP (SPC-4 7.5.8). */
  public boolean softwareWriteProtect() {
    return softwareWriteProtect;
  }

  /** TAS (SPC-4 7.5.8). */
  public boolean taskAbortedStatus() {
    return taskAbortedStatus;
  }

  /** QERR (SPC-4 table 371): {@link #QERR_NONE}, {@link #QERR_ALL} or 3. */
  public int queueErrorManagement() {
    return queueErrorManagement;
  }

  /** UA_INTLCK_CTRL (SPC-4 7.5.8): {@link #INTERLOCK_NONE}, 2 or {@link #INTERLOCK_STATUS}. */
  public int unitAttentionInterlock() {
    return unitAttentionInterlock;
  }

  /** Whether all pages are equal. */
  public boolean sameAs(ModeValues other) {
    return Arrays.equals(encode(), other.encode());
  }

  /** All pages one after the other. */
  public byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pages.values().forEach(out::writeBytes);
    return out.toByteArray();
  }

  /** As {@link #encode}, with what was kept of pages that do not exist now. */
  public byte[] encodeOver(byte[] kept) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(encode());
    parse(kept)
        .forEach((key, page) -> {
          if (!pages.containsKey(key)) {
            out.writeBytes(page);
          }
        });
    return out.toByteArray();
  }

  private static Map<Integer, byte[]> parse(byte[] kept) {
    Map<Integer, byte[]> values = new TreeMap<>();
    for (int at = 0; at + 4 <= kept.length; ) {
      boolean sub = (kept[at] & 0x40) != 0;
      int bytes =
          sub ? 4 + ((kept[at + 2] & 0xFF) << 8 | kept[at + 3] & 0xFF) : 2 + (kept[at + 1] & 0xFF);
      int key = (kept[at] & 0x3F) << 8 | (sub ? kept[at + 1] & 0xFF : 0);
      values.put(key, Arrays.copyOfRange(kept, at, Math.min(at + bytes, kept.length)));
      at += bytes;
    }
    return values;
  }

  /**
   * The default values with what {@link #encode} kept laid over them: bits that can be changed, of
   * pages that are as long as they were.
   */
  public static ModeValues decode(List<ModePage> pages, byte[] kept) {
    Map<Integer, byte[]> values = parse(kept);
    Map<Integer, byte[]> merged = new TreeMap<>();
    for (ModePage page : pages) {
      byte[] saved = values.get(page.key());
      if (saved != null && saved.length == page.defaults().length) {
        byte[] bytes = page.defaults().clone();
        for (int i = page.headerBytes(); i < bytes.length; i++) {
          int mask = page.changeable()[i];
          bytes[i] = (byte) (bytes[i] & ~mask | saved[i] & mask);
        }
        merged.put(page.key(), bytes);
      }
    }
    return defaults(pages).with(merged);
  }
}
