// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.LogPage;
import org.jtgt.scsi.device.ModePage;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockCommands;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * docs/scsi-commands.md is printed from the running tables. With {@code -Djtgt.docs.write=true}
 * this writes it; without, it fails when the committed one differs.
 */
class DocumentedCommandsTest {
  private static final Path DOCUMENT = Path.of("..", "..", "docs", "scsi-commands.md");

  private static final Map<Integer, String> VPD_NAMES =
      Map.ofEntries(
          Map.entry(0x00, "Supported VPD Pages"),
          Map.entry(0x80, "Unit Serial Number"),
          Map.entry(0x83, "Device Identification"),
          Map.entry(0x86, "Extended INQUIRY Data"),
          Map.entry(0x87, "Mode Page Policy"),
          Map.entry(0x88, "SCSI Ports"),
          Map.entry(0x8A, "Power Condition"),
          Map.entry(0x8F, "Third-party Copy"),
          Map.entry(0xB0, "Block Limits"),
          Map.entry(0xB1, "Block Device Characteristics"),
          Map.entry(0xB2, "Logical Block Provisioning"));

  private static final String NONE = "- | - | - | -";

  private static final Map<String, String> NAMES_OF_OTHERS =
      Map.ofEntries(
          Map.entry("A3/0A", "REPORT TARGET PORT GROUPS"),
          Map.entry("A4/0A", "SET TARGET PORT GROUPS"),
          Map.entry("vpd 85", "Management Network Addresses"),
          Map.entry("vpd B3", "Referrals"),
          Map.entry("mode 03/00", "Format Device"),
          Map.entry("mode 04/00", "Rigid Disk Geometry"),
          Map.entry("mode 07/00", "Verify Error Recovery"),
          Map.entry("mode 10/00", "XOR Control"));

  private final Bench bench = new Bench(new BlockDevice.Options(true, 0), UnitMemory.ofProcess());

  DocumentedCommandsTest() {
    MemoryStore store = new MemoryStore(1000 * 512);
    store.atomicUnitBytes = 4096;
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void theDocumentSaysWhatTheTablesDo() throws IOException {
    String printed = print();
    if (Boolean.getBoolean("jtgt.docs.write")) {
      Files.writeString(DOCUMENT, printed);
    }
    assertThat(Files.readString(DOCUMENT))
        .as("written anew by -Djtgt.docs.write=true")
        .isEqualTo(printed);
  }

  private String print() throws IOException {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # What a disk answers

        Printed from the running tables by `DocumentedCommandsTest`, which fails when this page differs from them;
        `mvn -pl bundles/scsi -am test -Dtest=DocumentedCommandsTest -Dsurefire.failIfNoSpecifiedTests=false -DargLine=-Djtgt.docs.write=true`
        writes it. The columns of the others were read from their public sources
        (`bundles/scsi/src/test/resources/peers.tsv` says which): `y` has it, `-` has not, `?` was not looked up.
        That a target has an opcode does not say that it does all of it.

        Some commands depend on the unit: UNMAP and GET LBA STATUS are there when it is thin, PREVENT ALLOW MEDIUM
        REMOVAL when it is removable, WRITE ATOMIC when its store declares an atomic unit, CRYPTOGRAPHIC ERASE when its
        store encrypts with a key that it can throw away.

        ## Commands

        | opcode | command | jtgt | tgt | LIO | SCST | SPDK |
        | --- | --- | --- | --- | --- | --- | --- |
        """);
    Map<String, String> peers = peers();
    for (Command row : BlockCommands.table(true, true, true, true).rows()) {
      String key = "%02X".formatted(row.opcode());
      if (row.serviceAction() != Command.NO_SERVICE_ACTION) {
        key += "/%02X".formatted(row.serviceAction());
      }
      out.append("| %s | %s | y | %s |\n".formatted(key, row.name(), others(peers, key)));
    }
    ofOthers(out, peers, "", "| %s | %s | - | %s |\n");
    vpdPages(out, peers);
    modePages(out, peers);
    logPages(out);
    taskManagement(out, peers);
    assertThat(peers).as("lines of peers.tsv that name nothing printed").isEmpty();
    return out.toString();
  }

  private static String others(Map<String, String> peers, String key) {
    String others = peers.remove(key);
    return others == null ? NONE : others;
  }

  /** Prints what only others have: the lines left whose key is of this kind. */
  private static void ofOthers(
      StringBuilder out, Map<String, String> peers, String kind, String row) {
    for (Map.Entry<String, String> line : new TreeMap<>(peers).entrySet()) {
      String key = line.getKey();
      if (kind.isEmpty() ? key.indexOf(' ') < 0 : key.startsWith(kind)) {
        String name = Objects.requireNonNull(NAMES_OF_OTHERS.get(key), key);
        out.append(row.formatted(key.substring(kind.length()), name, line.getValue()));
        peers.remove(key);
      }
    }
  }

  private static Map<String, String> peers() throws IOException {
    Map<String, String> peers = new HashMap<>();
    try (InputStream in =
        Objects.requireNonNull(DocumentedCommandsTest.class.getResourceAsStream("/peers.tsv"))) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        String[] parts = line.split("\t");
        if (!line.startsWith("#") && parts.length == 5) {
          peers.put(
              parts[0], "%s | %s | %s | %s".formatted(parts[1], parts[2], parts[3], parts[4]));
        }
      }
    }
    return peers;
  }

  private void vpdPages(StringBuilder out, Map<String, String> peers) {
    out.append(
        """

        ## VPD pages

        85h is absent because a unit has no management address of its own, B3h because no unit has referrals.

        | page | name | jtgt | tgt | LIO | SCST | SPDK |
        | --- | --- | --- | --- | --- | --- | --- |
        """);
    byte[] pages = bench.runIn("12 01 00 00 FF 00", 255).data();
    for (int i = 4; i < pages.length; i++) {
      int code = pages[i] & 0xFF;
      String name = Objects.requireNonNull(VPD_NAMES.get(code), "page " + code);
      out.append(
          "| %02X | %s | y | %s |\n"
              .formatted(code, name, others(peers, "vpd %02X".formatted(code))));
    }
    ofOthers(out, peers, "vpd ", "| %s | %s | - | %s |\n");
  }

  private void modePages(StringBuilder out, Map<String, String> peers) {
    out.append(
        """

        ## Mode pages

        `changeable`: the bits that MODE SELECT changes, and saves with SP.

        | page | name | changeable | jtgt | tgt | LIO | SCST | SPDK |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        """);
    for (ModePage page : bench.unit.deviceServer().modePages()) {
      String mask = HexFormat.of().withUpperCase().formatHex(page.changeable());
      String key = "%02X/%02X".formatted(page.code(), page.subpage());
      out.append(
          "| %s | %s | %s | y | %s |\n"
              .formatted(
                  key,
                  page.name(),
                  mask.matches("0*") ? "-" : "`" + mask + "`",
                  others(peers, "mode " + key)));
    }
    ofOthers(out, peers, "mode ", "| %s | %s | - | - | %s |\n");
  }

  private void logPages(StringBuilder out) {
    out.append("\n## Log pages\n\n| page | name |\n| --- | --- |\n");
    out.append("| 00/00 | Supported Log Pages |\n| 00/FF | Supported Log Pages and Subpages |\n");
    for (LogPage page : bench.unit.deviceServer().logPages()) {
      out.append("| %02X/%02X | %s |\n".formatted(page.code(), page.subpage(), page.name()));
    }
  }

  private void taskManagement(StringBuilder out, Map<String, String> peers) {
    out.append(
        """

        ## Task management functions

        | function | jtgt | tgt | LIO | SCST | SPDK |
        | --- | --- | --- | --- | --- | --- |
        """);
    for (TaskManagementFunction function : TaskManagementFunction.values()) {
      TaskManagementResponse[] answer = new TaskManagementResponse[1];
      bench.nexus.manage(function, 0, 1, response -> answer[0] = response);
      boolean refused = answer[0] == TaskManagementResponse.FUNCTION_REJECTED;
      String name = function.name().replace('_', ' ');
      out.append(
          "| %s | %s | %s |\n".formatted(name, refused ? "-" : "y", others(peers, "tmf " + name)));
    }
  }
}
