// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidationTest {
  private final Fixture fixture = new Fixture();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          file   | path=/x;sise=1G     | org.jtgt.backstore.file~x: sise: is unknown; did you mean 'size'?
          file   | size=1G             | org.jtgt.backstore.file~x: path: is required; allowed: text
          file   | path=/x;size=big    | org.jtgt.backstore.file~x: size: 'big' is no size; allowed: bytes, or a number with K, M, G or T (powers of 1024), as in 10G
          file   | path=/x;size=0      | org.jtgt.backstore.file~x: size: '0' is no size; allowed: bytes, or a number with K, M, G or T (powers of 1024), as in 10G
          file   | path=/x;readOnly=ja | org.jtgt.backstore.file~x: readOnly: 'ja' is not allowed; allowed: true or false
          lu     | store=s;blockSize=1024 | org.jtgt.scsi.lu~x: blockSize: '1024' is not allowed; allowed: 512 or 4096
          lu     | store=s;holdSeconds=-1 | org.jtgt.scsi.lu~x: holdSeconds: '-1' is not allowed; allowed: integer 0..600
          lu     | store=s;holdSeconds=9999999999 | org.jtgt.scsi.lu~x: holdSeconds: '9999999999' is not allowed; allowed: integer 0..600
          lu     | store=s;naa=12      | org.jtgt.scsi.lu~x: naa: '12' is not allowed; allowed: 16 hex digits
          target | luns=0              | org.jtgt.scsi.target~x: luns: '0' is no LUN mapping; allowed: LUN:NAME with a LUN of 0..16383 and a logical unit's name, as in 0:disk0
          target | luns=0:a,0:b        | org.jtgt.scsi.target~x: luns: '0:b' maps LUN 0 a second time
          target | name=iqn.x          | org.jtgt.scsi.target~x: name: 'iqn.x' is no iSCSI name; allowed: iqn.YYYY-MM.REVERSED-DOMAIN[:TEXT], eui. and 16 hex digits, naa. and 16 or 32 hex digits
          portal | address=localhost   | org.jtgt.iscsi.portal~x: address: 'localhost' is not allowed; allowed: an IPv4 or IPv6 address, 0.0.0.0 or :: for all
          portal | port=70000          | org.jtgt.iscsi.portal~x: port: '70000' is not allowed; allowed: integer 1..65535
          fiel   | path=/x             | no installed bundle offers a type 'fiel'; did you mean 'file'?
          """)
  void aWrongConfigurationIsRefusedWithOneLineThatNamesKeyValueAndWhatIsAllowed(
      String type, String values, String message) {
    var texts = new java.util.LinkedHashMap<String, String>();
    for (String pair : values.split(";")) {
      texts.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }

    assertThatThrownBy(() -> fixture.command(new Change.Create(type, "x", texts)))
        .isInstanceOf(AdminException.class)
        .hasMessage(message);
    assertThat(fixture.configurations.count()).isZero();
  }

  @Test
  void textsBecomeTheTypesOfTheMetatype() {
    fixture.command(
        new Change.Create("lu", "l", Map.of("store", "s", "blockSize", "4096")),
        new Change.Create("file", "s", Map.of("path", "/x", "readOnly", "true")),
        new Change.Create("target", "t", Map.of("luns", " 0:l , 7:m ")));

    assertThat(fixture.configurations.properties("org.jtgt.scsi.lu~l"))
        .containsEntry("blockSize", 4096);
    assertThat(fixture.configurations.properties("org.jtgt.backstore.file~s"))
        .containsEntry("readOnly", true);
    assertThat((String[]) fixture.configurations.properties("org.jtgt.scsi.target~t").get("luns"))
        .containsExactly("0:l", "7:m");
  }

  @Test
  void aNameIsUniqueAcrossStoreTypes() {
    fixture.command(new Change.Create("file", "a", Map.of("path", "/x")));

    assertThatThrownBy(
            () -> fixture.command(new Change.Create("memory", "a", Map.of("size", "1M"))))
        .hasMessage(
            "org.jtgt.backstore.memory~a: a store 'a' exists already as"
                + " org.jtgt.backstore.file~a");
  }

  @Test
  void anObjectNameOfAnotherFormIsRefused() {
    for (String name : new String[] {"", "-a", "a b", "a/b", "x".repeat(65)}) {
      assertThatThrownBy(
              () -> fixture.command(new Change.Create("memory", name, Map.of("size", "1M"))))
          .as(name)
          .hasMessageContaining("1 to 64 letters, digits");
    }
  }

  @Test
  void twoTargetsCannotHaveOneIscsiName() {
    fixture.command(new Change.Create("target", "iqn.2026-11.org.example:a", Map.of()));

    assertThatThrownBy(() ->
            fixture.command(
                new Change.Create("target", "b", Map.of("name", "iqn.2026-11.org.example:a"))))
        .hasMessageContaining("is taken by org.jtgt.scsi.target~iqn.2026-11.org.example_a_");
  }

  @Test
  void theDefaultIscsiNameOfATargetCountsToo() {
    fixture.command(new Change.Create("target", "a", Map.of()));

    assertThatThrownBy(() ->
            fixture.command(
                new Change.Create("target", "b", Map.of("name", "iqn.2026-11.org.jtgt:a"))))
        .hasMessageContaining("is taken by org.jtgt.scsi.target~a");
  }

  @Test
  void twoPortalsCannotListenOnOneAddressAndPort() {
    fixture.command(new Change.Create("portal", "a", Map.of()));

    assertThatThrownBy(
            () -> fixture.command(new Change.Create("portal", "b", Map.of("port", "3260"))))
        .hasMessageContaining("is taken by org.jtgt.iscsi.portal~a");
  }

  @Test
  void anLuWhoseStoreIsMissingIsMadeWithAWarning() {
    assertThat(fixture.command(new Change.Create("lu", "a", Map.of("store", "s"))).warnings())
        .containsExactly(
            "org.jtgt.scsi.lu~a: store: there is no store 's' yet; the LU waits for it");
  }

  @Test
  void whatALaterChangeOfTheSameStepBringsIsNotMissed() {
    assertThat(
            fixture
                .command(
                    new Change.Create("lu", "a", Map.of("store", "s")),
                    new Change.Create("memory", "s", Map.of("size", "1M")))
                .warnings())
        .isEmpty();
  }

  @Test
  void sizesAreBytesOrPowersOf1024() {
    assertThat(Sizes.parse("512")).hasValue(512);
    assertThat(Sizes.parse("512K")).hasValue(512L << 10);
    assertThat(Sizes.parse("1GiB")).hasValue(1L << 30);
    assertThat(Sizes.parse("2TB")).hasValue(2L << 40);
    for (String wrong : new String[] {"", "-1", "1.5G", "G", "1X", "9999999999T", "1iB"}) {
      assertThat(Sizes.parse(wrong)).as(wrong).isEmpty();
    }
  }
}
