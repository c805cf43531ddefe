// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.nio.ByteBuffer;

/**
 * Command descriptor blocks of SPC-4, SBC-3 and SPC-2 as bytes. Flags that are not parameters are
 * zero; a test that needs one sets it in the array it got, for example {@code cdb[1] |= FUA}.
 */
public final class Cdb {
  /** FUA in byte 1 of READ and WRITE 10/12/16 (SBC-3 5.9). */
  public static final int FUA = 0x08;

  /** DPO in byte 1 of READ and WRITE 10/12/16. */
  public static final int DPO = 0x10;

  /** BYTCHK 01b in byte 1 of VERIFY (SBC-3 5.34). */
  public static final int BYTCHK = 0x02;

  /** UNMAP in byte 1 of WRITE SAME (SBC-3 5.43). */
  public static final int UNMAP = 0x08;

  /** IMMED in byte 1 of SYNCHRONIZE CACHE. */
  public static final int IMMED = 0x02;

  private Cdb() {}

  /** SPC-4 6.47. */
  public static byte[] testUnitReady() {
    return six(0x00, 0, 0, 0, 0);
  }

  /** SPC-4 6.39. */
  public static byte[] requestSense(boolean descriptorFormat, int allocationBytes) {
    return six(0x03, descriptorFormat ? 1 : 0, 0, 0, allocationBytes);
  }

  /** SPC-4 6.6, standard data. */
  public static byte[] inquiry(int allocationBytes) {
    return six(0x12, 0, 0, allocationBytes >> 8, allocationBytes);
  }

  /** SPC-4 6.6, a vital product data page. */
  public static byte[] inquiryVpd(int page, int allocationBytes) {
    return six(0x12, 1, page, allocationBytes >> 8, allocationBytes);
  }

  /** SPC-4 6.11; {@code pageControl} 0 current, 1 changeable, 2 default, 3 saved. */
  public static byte[] modeSense6(int pageControl, int page, int subpage, int allocationBytes) {
    return six(0x1a, 0, pageControl << 6 | page, subpage, allocationBytes);
  }

  /** SPC-4 6.12. */
  public static byte[] modeSense10(int pageControl, int page, int subpage, int allocationBytes) {
    return ten(0x5a, 0, (pageControl << 6 | page) << 24 | subpage << 16, allocationBytes);
  }

  /** SPC-4 6.9; PF is set. */
  public static byte[] modeSelect6(boolean save, int parameterBytes) {
    return six(0x15, save ? 0x11 : 0x10, 0, 0, parameterBytes);
  }

  /** SPC-4 6.10; PF is set. */
  public static byte[] modeSelect10(boolean save, int parameterBytes) {
    return ten(0x55, save ? 0x11 : 0x10, 0, parameterBytes);
  }

  /** SBC-3 5.25; {@code flags} is byte 4: START 1, LOEJ 2, power condition in the high half. */
  public static byte[] startStopUnit(boolean immed, int flags) {
    return six(0x1b, immed ? 1 : 0, 0, 0, flags);
  }

  /** SPC-2 7.21. */
  public static byte[] reserve6() {
    return six(0x16, 0, 0, 0, 0);
  }

  /** SPC-2 7.16. */
  public static byte[] release6() {
    return six(0x17, 0, 0, 0, 0);
  }

  /** SBC-3 5.15. */
  public static byte[] readCapacity10() {
    return ten(0x25, 0, 0, 0);
  }

  /** SBC-3 5.16. */
  public static byte[] readCapacity16(int allocationBytes) {
    return sixteen(0x9e, 0x10, 0, allocationBytes);
  }

  /** SBC-3 5.6. */
  public static byte[] getLbaStatus(long lba, int allocationBytes) {
    return sixteen(0x9e, 0x12, lba, allocationBytes);
  }

  /** SPC-4 6.33. */
  public static byte[] reportLuns(int selectReport, int allocationBytes) {
    return twelve(0xa0, 0, selectReport << 24, allocationBytes);
  }

  /** SPC-4 6.35; {@code options} 0 all, 1 one opcode, 2 and 3 one opcode and service action. */
  public static byte[] reportSupportedOperationCodes(
      boolean rctd, int options, int opcode, int serviceAction, int allocationBytes) {
    int middle = ((rctd ? 0x80 : 0) | options) << 24 | opcode << 16 | serviceAction;
    return twelve(0xa3, 0x0c, middle, allocationBytes);
  }

  /** SPC-4 6.36. */
  public static byte[] reportSupportedTaskManagementFunctions(int allocationBytes) {
    return twelve(0xa3, 0x0d, 0, allocationBytes);
  }

  /** SBC-3 5.8; {@code blocks} 1..256, 256 being written as zero. */
  public static byte[] read6(int lba, int blocks) {
    return six(0x08, lba >> 16 & 0x1f, lba >> 8, lba, blocks);
  }

  public static byte[] read10(long lba, int blocks) {
    return ten(0x28, 0, (int) lba, blocks);
  }

  public static byte[] read12(long lba, int blocks) {
    return twelve(0xa8, 0, (int) lba, blocks);
  }

  public static byte[] read16(long lba, int blocks) {
    return sixteen(0x88, 0, lba, blocks);
  }

  /** SBC-3 5.36; {@code blocks} 1..256. */
  public static byte[] write6(int lba, int blocks) {
    return six(0x0a, lba >> 16 & 0x1f, lba >> 8, lba, blocks);
  }

  public static byte[] write10(long lba, int blocks) {
    return ten(0x2a, 0, (int) lba, blocks);
  }

  public static byte[] write12(long lba, int blocks) {
    return twelve(0xaa, 0, (int) lba, blocks);
  }

  public static byte[] write16(long lba, int blocks) {
    return sixteen(0x8a, 0, lba, blocks);
  }

  public static byte[] writeAndVerify10(long lba, int blocks) {
    return ten(0x2e, 0, (int) lba, blocks);
  }

  public static byte[] writeAndVerify16(long lba, int blocks) {
    return sixteen(0x8e, 0, lba, blocks);
  }

  public static byte[] verify10(long lba, int blocks) {
    return ten(0x2f, 0, (int) lba, blocks);
  }

  public static byte[] verify16(long lba, int blocks) {
    return sixteen(0x8f, 0, lba, blocks);
  }

  /** ORWRITE (16), SBC-3 5.13. */
  public static byte[] orWrite16(long lba, int blocks) {
    return sixteen(0x8b, 0, lba, blocks);
  }

  public static byte[] synchronizeCache10(long lba, int blocks) {
    return ten(0x35, 0, (int) lba, blocks);
  }

  public static byte[] synchronizeCache16(long lba, int blocks) {
    return sixteen(0x91, 0, lba, blocks);
  }

  /** SBC-3 5.28; the list is {@link #unmapParameters}. */
  public static byte[] unmap(int parameterBytes) {
    return ten(0x42, 0, 0, parameterBytes);
  }

  /** UNMAP parameter list of (LBA, blocks) pairs (SBC-3 table 88). */
  public static byte[] unmapParameters(long... lbasAndBlocks) {
    int descriptors = lbasAndBlocks.length / 2;
    ByteBuffer list = ByteBuffer.allocate(8 + 16 * descriptors);
    list.putShort((short) (6 + 16 * descriptors)).putShort((short) (16 * descriptors)).putInt(0);
    for (int i = 0; i < descriptors; i++) {
      list.putLong(lbasAndBlocks[2 * i]).putInt((int) lbasAndBlocks[2 * i + 1]).putInt(0);
    }
    return list.array();
  }

  public static byte[] writeSame10(long lba, int blocks) {
    return ten(0x41, 0, (int) lba, blocks);
  }

  public static byte[] writeSame16(long lba, int blocks) {
    return sixteen(0x93, 0, lba, blocks);
  }

  /** SBC-3 5.2; the data-out buffer is {@code 2 * blocks} blocks. */
  public static byte[] compareAndWrite(long lba, int blocks) {
    byte[] cdb = sixteen(0x89, 0, lba, 0);
    cdb[13] = (byte) blocks;
    return cdb;
  }

  /** SPC-4 6.15; service action 0 keys, 1 reservation, 2 capabilities, 3 full status. */
  public static byte[] persistentReserveIn(int serviceAction, int allocationBytes) {
    return ten(0x5e, serviceAction, 0, allocationBytes);
  }

  /** SPC-4 6.16; the list is {@link #persistentReserveParameters}, 24 bytes. */
  public static byte[] persistentReserveOut(int serviceAction, int scope, int type) {
    byte[] cdb = ten(0x5f, serviceAction, 0, 0);
    cdb[2] = (byte) (scope << 4 | type);
    cdb[8] = 24;
    return cdb;
  }

  /** SPC-4 6.16.3; {@code flags} is byte 20: APTPL 1, ALL_TG_PT 4, SPEC_I_PT 8. */
  public static byte[] persistentReserveParameters(long key, long serviceActionKey, int flags) {
    ByteBuffer list = ByteBuffer.allocate(24).putLong(key).putLong(serviceActionKey);
    list.put(20, (byte) flags);
    return list.array();
  }

  private static byte[] six(int opcode, int b1, int b2, int b3, int b4) {
    return new byte[] {(byte) opcode, (byte) b1, (byte) b2, (byte) b3, (byte) b4, 0};
  }

  private static byte[] ten(int opcode, int b1, int middle, int length) {
    ByteBuffer cdb = ByteBuffer.allocate(10).put((byte) opcode).put((byte) b1).putInt(middle);
    return cdb.put((byte) 0).putShort((short) length).array();
  }

  private static byte[] twelve(int opcode, int b1, int middle, int length) {
    ByteBuffer cdb = ByteBuffer.allocate(12).put((byte) opcode).put((byte) b1).putInt(middle);
    return cdb.putInt(length).array();
  }

  private static byte[] sixteen(int opcode, int b1, long lba, int length) {
    ByteBuffer cdb = ByteBuffer.allocate(16).put((byte) opcode).put((byte) b1).putLong(lba);
    return cdb.putInt(length).array();
  }
}
