// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A logical unit behind one connection: the commands that most tests need, GOOD or an error. */
public final class LogicalUnit {

  /** READ CAPACITY (16) parameter data (SBC-3 5.16.2). */
  public record Capacity(long blocks, int blockBytes, byte[] raw) {}

  private final Connection connection;
  private final long lun;

  LogicalUnit(Connection connection, long lun) {
    this.connection = connection;
    this.lun = lun;
  }

  public long lun() {
    return lun;
  }

  public Connection connection() {
    return connection;
  }

  /** Executes any command without data. */
  public ScsiResult none(byte[] cdb) throws IOException {
    return connection.execute(ScsiCommand.none(lun, cdb));
  }

  /** Executes any command with a data-in buffer. */
  public ScsiResult in(byte[] cdb, int bytes) throws IOException {
    return connection.execute(ScsiCommand.in(lun, cdb, bytes));
  }

  /** Executes any command with a data-out buffer. */
  public ScsiResult out(byte[] cdb, byte[] data) throws IOException {
    return connection.execute(ScsiCommand.out(lun, cdb, data));
  }

  public ScsiResult testUnitReady() throws IOException {
    return none(Cdb.testUnitReady());
  }

  /**
   * Repeats TEST UNIT READY while it reports unit attention conditions and answers how many there
   * were.
   *
   * @throws AssertionError if the logical unit is not ready then, or after 16 unit attentions
   */
  public int clearUnitAttentions() throws IOException {
    for (int cleared = 0; cleared < 16; cleared++) {
      ScsiResult result = testUnitReady();
      if (result.sense().filter(s -> s.key() == Sense.UNIT_ATTENTION).isEmpty()) {
        result.requireGood();
        return cleared;
      }
    }
    throw new AssertionError("unit attentions without end");
  }

  /** Standard INQUIRY data. */
  public byte[] inquiry() throws IOException {
    return in(Cdb.inquiry(255), 255).requireGood().data();
  }

  /** A vital product data page. */
  public byte[] vpd(int page) throws IOException {
    return in(Cdb.inquiryVpd(page, 1024), 1024).requireGood().data();
  }

  public Capacity capacity() throws IOException {
    byte[] data = in(Cdb.readCapacity16(32), 32).requireGood().data();
    ByteBuffer buffer = ByteBuffer.wrap(data);
    return new Capacity(buffer.getLong(0) + 1, buffer.getInt(8), data);
  }

  /** READ (16) of {@code blocks} blocks of {@code blockBytes}. */
  public byte[] read(long lba, int blocks, int blockBytes) throws IOException {
    return in(Cdb.read16(lba, blocks), blocks * blockBytes).requireGood().data();
  }

  /** WRITE (16) of whole blocks of {@code blockBytes}. */
  public void write(long lba, byte[] data, int blockBytes) throws IOException {
    out(Cdb.write16(lba, data.length / blockBytes), data).requireGood();
  }

  /** SYNCHRONIZE CACHE (16) of the whole medium. */
  public void synchronizeCache() throws IOException {
    none(Cdb.synchronizeCache16(0, 0)).requireGood();
  }
}
