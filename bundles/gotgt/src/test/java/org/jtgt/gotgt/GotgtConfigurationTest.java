// SPDX-License-Identifier: Apache-2.0
package org.jtgt.gotgt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jtgt.admin.Change;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GotgtConfigurationTest {
  /** The shape of gotgt's own example, with a file that exists here. */
  private static final String EXAMPLE =
      """
      {
        "storages":[
          {
            "deviceID":1000,
            "path":"file:disk.img",
            "online":true
          }
        ],
        "iscsiportals":[
          {
            "id":0,
            "portal":"127.0.0.1:3260"
          }
        ],
        "iscsitargets":{
          "iqn.2016-09.com.gotgt.gostor:02:example-tgt-0":{
            "tpgts":{
              "1":[0]
            },
            "luns":{
              "0":1000
            }
          }
        }
      }
      """;

  @TempDir Path folder;

  @BeforeEach
  void aDisk() throws IOException {
    Files.createFile(folder.resolve("disk.img"));
  }

  private List<Change> read(String json) throws WrongEntryException {
    return GotgtConfiguration.read(Node.read(new StringReader(json)), folder);
  }

  @Test
  void theExampleBecomesAStoreALogicalUnitATargetAndAPortal() throws WrongEntryException {
    assertThat(read(EXAMPLE))
        .containsExactly(
            new Change.Declare(
                "org.jtgt.backstore.file",
                "gotgt-1000",
                Map.of("path", folder.resolve("disk.img").toString())),
            new Change.Declare(
                "org.jtgt.scsi.lu",
                "gotgt-1000",
                Map.of("store", "gotgt-1000", "blockSize", "512", "thinProvisioning", "false")),
            new Change.Declare(
                "org.jtgt.scsi.target",
                "iqn.2016-09.com.gotgt.gostor:02:example-tgt-0",
                Map.of("luns", "0:gotgt-1000", "portals", "gotgt-0")),
            new Change.Declare(
                "org.jtgt.iscsi.portal",
                "gotgt-0",
                Map.of("address", "127.0.0.1", "port", "3260", "tag", "1")));
  }

  @Test
  void anOfflineStorageIsALogicalUnitWithoutItsStore() throws WrongEntryException {
    List<Change> changes = read(EXAMPLE.replace("true", "false"));

    assertThat(changes).extracting(Change::type).doesNotContain("org.jtgt.backstore.file");
    assertThat(((Change.Declare) changes.getFirst()).values()).containsEntry("holdSeconds", "0");
  }

  @Test
  void keysAreFoundWhateverTheirCaseAndTuningIsAllowed() throws WrongEntryException {
    Change.Declare lu =
        (Change.Declare)
            read(EXAMPLE.replace(
                    "\"online\"",
                    "\"thinprovisioning\": true, \"blockShift\": 12, \"backendType\": \"iouring\","
                        + " \"Online\""))
                .get(1);

    assertThat(lu.values())
        .containsEntry("thinProvisioning", "true")
        .containsEntry("blockSize", "4096");
  }

  @Test
  void aNullStoreHasTheSizeBehindItsColonOrOneGibibyte() throws WrongEntryException {
    assertThat(
            ((Change.Declare) read(EXAMPLE.replace("file:disk.img", "null:")).getFirst()).values())
        .containsEntry("size", "1G");
    assertThat(
            ((Change.Declare) read(EXAMPLE.replace("file:disk.img", "null:5M")).getFirst())
                .values())
        .containsEntry("size", "5M");
  }

  @Test
  void aPortalMayBeAnIpv6AddressOrLackItsPort() throws WrongEntryException {
    assertThat(
            ((Change.Declare) read(EXAMPLE.replace("127.0.0.1:3260", "[::1]:3261")).getLast())
                .values())
        .containsEntry("address", "::1")
        .containsEntry("port", "3261");
    assertThat(
            ((Change.Declare) read(EXAMPLE.replace("127.0.0.1:3260", "10.0.0.1")).getLast())
                .values())
        .containsEntry("address", "10.0.0.1")
        .containsEntry("port", "3260");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "online":true     | "onlin":true      | $.storages[0].onlin (line 6): unknown entry; allowed: backendType, blockShift, deviceID, enableNUMA, ioUringQueueDepth, numaNode, online, path, thinProvisioning
          "online":true     | "online":1        | $.storages[0].online (line 6): has to be true or false
          "online":true     | "blockShift":10   | $.storages[0].blockShift (line 6): is not allowed; allowed: 9 (512 bytes) or 12 (4096 bytes)
          "deviceID":1000   | "deviceID":-1     | $.storages[0].deviceID (line 4): -1 is not allowed; allowed: 0..9223372036854775807
          file:disk.img     | ceph:rbd/x        | $.storages[0].path (line 5): 'ceph:rbd/x' is not allowed; allowed: file:PATH, null: or null:SIZE
          "id":0            | "id":7            | $.iscsitargets["iqn.2016-09.com.gotgt.gostor:02:example-tgt-0"].tpgts.1[0] (line 18): no portal has the id 0; allowed: [7]
          "0":1000          | "0":2000          | $.iscsitargets["iqn.2016-09.com.gotgt.gostor:02:example-tgt-0"].luns.0 (line 21): no storage has the deviceID 2000; allowed: [1000]
          "0":1000          | "x":1000          | $.iscsitargets["iqn.2016-09.com.gotgt.gostor:02:example-tgt-0"].luns.x (line 21): the key 'x' is not allowed; allowed: a number 0..16383
          "storages":[      | "targets":[       | $.targets (line 2): unknown entry; allowed: iscsiportals, iscsitargets, performance, storages
          """)
  void aWrongEntryIsNamedWithItsPlace(String right, String wrong, String message) {
    assertThatThrownBy(() -> read(EXAMPLE.replace(right, wrong))).hasMessage(message);
  }

  @Test
  void aFileThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> read(EXAMPLE.replace("disk.img", "none.img")))
        .hasMessageStartingWith("$.storages[0].path (line 5): the file " + folder);
  }

  @Test
  void whatIsNoJsonSaysWhere() {
    assertThatThrownBy(() -> read(EXAMPLE.replace("\"online\":true", "\"online\":tru")))
        .isInstanceOf(WrongEntryException.class)
        .hasMessageContaining("line no=6");
    assertThatThrownBy(() -> read("")).isInstanceOf(WrongEntryException.class);
    assertThatThrownBy(() -> read(EXAMPLE + "{}")).isInstanceOf(WrongEntryException.class);
    assertThatThrownBy(() -> read("[]")).hasMessage("$ (line 1): has to be an object { }");
  }

  @Test
  void aKeyThatStandsThereTwiceIsNamed() {
    assertThatThrownBy(
            () -> read(EXAMPLE.replace("\"online\":true", "\"online\":true, \"online\":false")))
        .hasMessage("$.storages[0].online (line 6): stands there twice");
  }
}
