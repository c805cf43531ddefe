// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/**
 * Commands that move data both ways and whose CDB goes on in an AHS (RFC 7143 11.2.2.3, 11.2.2.4,
 * 11.3, 11.4.5), with a device that has some.
 */
class BidirectionalCommandTest {
  private static final int BLOCK = 512;

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private final Random random = new Random(7143);
  private Container container;
  private Disk disk;

  @BeforeEach
  void serve() throws Exception {
    container = new Container(context, configurationAdmin);
    disk =
        new Disk(container, context, "xor")
            .withDevice("org.jtgt.itests.doubles.xor", Map.of("blocks", 8192))
            .serve();
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  private static byte[] xor10(int lba, int blocks) {
    return ByteBuffer.allocate(10)
        .put((byte) 0x53)
        .put((byte) 0)
        .putInt(lba)
        .put((byte) 0)
        .putShort((short) blocks)
        .array();
  }

  /** XDWRITEREAD(32): the bytes from 16 on go into an Extended CDB AHS. */
  private static byte[] xor32(long lba, int blocks) {
    return ByteBuffer.allocate(32)
        .put(0, (byte) 0x7f)
        .put(7, (byte) 24)
        .putShort(8, (short) 7)
        .putLong(12, lba)
        .putInt(28, blocks)
        .array();
  }

  private byte[] some(int blocks) {
    byte[] data = new byte[blocks * BLOCK];
    random.nextBytes(data);
    return data;
  }

  private static byte[] xored(byte[] a, byte[] b) {
    byte[] both = new byte[a.length];
    for (int i = 0; i < a.length; i++) {
      both[i] = (byte) (a[i] ^ b[i]);
    }
    return both;
  }

  private Session login(boolean solicited, String digests) throws Exception {
    LoginOptions options =
        LoginOptions.normal("iqn.2026-11.org.jtgt.itests:both-ways", disk.target())
            .with("ImmediateData", solicited ? "No" : "Yes")
            .with("InitialR2T", solicited ? "Yes" : "No")
            .with("MaxBurstLength", 65536)
            .with("FirstBurstLength", 16384)
            .with("MaxRecvDataSegmentLength", 8192)
            .with("HeaderDigest", digests)
            .with("DataDigest", digests);
    // The device has no store: it is never READY, and its own commands need none.
    return Container.eventually(() -> {
      Session session = Session.login(disk.portal(), options);
      try {
        for (int attention = 0; attention < 3; attention++) {
          session.execute(ScsiCommand.in(0, Cdb.read10(0, 1), BLOCK));
        }
        session.execute(ScsiCommand.in(0, Cdb.read10(0, 1), BLOCK)).requireGood();
        return session;
      } catch (IOException | AssertionError e) {
        session.close();
        throw e;
      }
    });
  }

  /** One block, one PDU; more than a segment; more than a burst, each way. */
  @ParameterizedTest(name = "{0} blocks, R2Ts only {1}, digests {2}, CDB of {3}")
  @CsvSource({
    "1,false,None,10",
    "1,true,CRC32C,32",
    "20,false,CRC32C,32",
    "20,true,None,10",
    "300,false,None,32",
    "300,true,CRC32C,10"
  })
  void dataGoesBothWaysWholeAndInItsPlace(
      int blocks, boolean solicited, String digests, int cdbBytes) throws Exception {
    try (Session session = login(solicited, digests)) {
      byte[] first = some(blocks);
      byte[] second = some(blocks);
      for (byte[] data : new byte[][] {first, second}) {
        byte[] before =
            session.execute(ScsiCommand.in(0, Cdb.read10(40, blocks), data.length)).data();
        byte[] cdb = cdbBytes == 10 ? xor10(40, blocks) : xor32(40, blocks);
        ScsiResult result = session.execute(ScsiCommand.out(0, cdb, data).withDataIn(data.length));
        result.requireGood();
        assertThat(result.data()).isEqualTo(xored(before, data));
        Pdu last = result.pdus().getLast().pdu();
        assertThat(last.is(Field.UNDERFLOW) || last.is(Field.OVERFLOW)).isFalse();
        assertThat(last.is(Field.BIDI_READ_UNDERFLOW)).isFalse();
      }
      assertThat(session.execute(ScsiCommand.in(0, Cdb.read10(40, blocks), second.length)).data())
          .isEqualTo(second);
      session.logout();
    }
  }

  @Test
  void theReadAndTheWriteHaveResidualsOfTheirOwn_11_4_5() throws Exception {
    try (Session session = login(false, "None")) {
      ScsiResult result =
          session.execute(ScsiCommand.out(0, xor10(0, 2), some(5)).withDataIn(3 * BLOCK));
      result.requireGood();
      Pdu last = result.pdus().getLast().pdu();
      assertThat(last.is(Field.BIDI_READ_UNDERFLOW)).isTrue();
      assertThat(last.getInt(Field.BIDI_READ_RESIDUAL_COUNT)).isEqualTo(BLOCK);
      assertThat(last.is(Field.UNDERFLOW)).isTrue();
      assertThat(last.getInt(Field.RESIDUAL_COUNT)).isEqualTo(3 * BLOCK);
      session.logout();
    }
  }

  @Test
  void anExtendedCommandBeyondTheMediumIsRefusedByItsOwnLba_11_2_2_3() throws Exception {
    try (Session session = login(false, "None")) {
      byte[] data = some(1);
      ScsiResult result =
          session.execute(ScsiCommand.out(0, xor32(1L << 40, 1), data).withDataIn(data.length));
      assertThat(result.sense().orElseThrow().key()).isEqualTo(5);
      assertThat(result.sense().orElseThrow().asc()).isEqualTo(0x21);
      session.logout();
    }
  }
}
