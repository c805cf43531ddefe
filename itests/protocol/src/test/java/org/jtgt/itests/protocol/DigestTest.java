// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CRC32C on headers and data segments, each alone and both, in both directions. */
@ExtendWith(TargetUnderTest.class)
class DigestTest {

  @ParameterizedTest(name = "HeaderDigest={0} DataDigest={1}")
  @CsvSource({"CRC32C,None", "None,CRC32C", "CRC32C,CRC32C"})
  @Section("13.1")
  void data_of_every_length_goes_through_whole(String header, String data, TestedTarget target)
      throws Exception {
    try (Session session =
        target.login(o -> o.with("HeaderDigest", header).with("DataDigest", data))) {
      assertThat(session.loginKeys().first("HeaderDigest")).hasValue(header);
      assertThat(session.loginKeys().first("DataDigest")).hasValue(data);
      LogicalUnit disk = target.disk(session);
      Random random = new Random(7);
      for (int blocks : new int[] {1, 2, 17, 128, 1000}) {
        byte[] written = new byte[blocks * TestedTarget.BLOCK_BYTES];
        random.nextBytes(written);
        disk.write(blocks, written, TestedTarget.BLOCK_BYTES);
        assertThat(disk.read(blocks, blocks, TestedTarget.BLOCK_BYTES)).isEqualTo(written);
      }
      // Lengths that need padding.
      for (int bytes : new int[] {5, 6, 7, 36}) {
        assertThat(disk.in(Cdb.inquiry(bytes), bytes).requireGood().data()).hasSize(bytes);
      }
      session.logout();
    }
  }
}
