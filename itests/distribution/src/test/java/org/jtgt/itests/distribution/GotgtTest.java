// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * gotgt's configuration as its own example writes it (examples/config.json there), with the file
 * and the port of this test.
 */
class GotgtTest {
  private static final String TARGET = "iqn.2016-09.com.gotgt.gostor:02:example-tgt-0";

  private Distribution jtgt;
  private String example;

  @BeforeEach
  void begin() throws Exception {
    jtgt = new Distribution();
    Path disk = jtgt.work().resolve("disk.img");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(4 << 20);
    }
    example =
        """
        {
          "storages":[
            {
              "deviceID":1000,
              "path":"file:%s",
              "online":true
            }
          ],
          "iscsiportals":[
            {
              "id":0,
              "portal":"127.0.0.1:%d"
            }
          ],
          "iscsitargets":{
            "%s":{
              "tpgts":{
                "1":[0]
              },
              "luns":{
                "0":1000
              }
            }
          }
        }
        """
            .formatted(disk, jtgt.portal().getPort(), TARGET);
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(jtgt.work().resolve("config.json"), text);
  }

  @Test
  void itsExampleIsServedAndOnAStateFolderOfItsOwn() throws Exception {
    jtgt.start("--config", write(example).toString());
    try (Session session = jtgt.login(TARGET)) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo((4 << 20) / 512);
    }
    assertThat(jtgt.stop()).isZero();
    try (var folders = Files.list(jtgt.state())) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .allMatch(name -> name.startsWith("config-config.json-"));
    }
  }

  /** One line with the place in the file, exit status 2, and nothing half-made is served. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"deviceID\":1000 | \"device\":1000 | $.storages[0].device (line 4): unknown entry",
        "\"online\":true | \"online\":3 | $.storages[0].online (line 6)",
        "\"0\":1000 | \"0\":77 | no storage has the deviceID 77",
        "\"1\":[0] | \"1\":[5] | no portal has the id 5",
        "disk.img | other.img | $.storages[0].path (line 5)",
      })
  void aWrongEntryIsNamedWithItsPlace(String right, String wrong, String message) throws Exception {
    jtgt.start("--config", write(example.replace(right, wrong)).toString());
    assertThat(jtgt.awaitEnd()).isEqualTo(2);
    assertThat(jtgt.log().lines().filter(line -> line.contains("ERROR"))).hasSize(1);
    assertThat(jtgt.log()).contains(message, "config.json").doesNotContain("listens on");
  }
}
