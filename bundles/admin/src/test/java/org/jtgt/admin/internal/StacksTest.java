// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stores that stand on stores. */
class StacksTest {
  private final Fixture fixture = new Fixture();

  @BeforeEach
  void oneDisk() {
    fixture.disk0();
  }

  private Result create(String type, String name, String key, String value) {
    return fixture.command(new Change.Create(type, name, Map.of(key, value)));
  }

  private Result overlay(String name, String base) {
    return fixture.command(new Change.Create("overlay", name, Map.of("base", base, "path", name)));
  }

  @Test
  void aFilterIsInsertedAndTakenAwayAgain() {
    create("throttle", "slow", "store", "disk0");
    fixture.command(new Change.Update("lu", "disk0", Map.of("store", "slow")));
    assertThat(fixture.admin.object("store", "disk0").map(ManagedObject::usedBy).orElseThrow())
        .containsExactly("store slow");
    assertThatThrownBy(() -> fixture.command(new Change.Remove("store", "disk0", false)))
        .hasMessageContaining("is in use by store slow");
    fixture.command(new Change.Update("lu", "disk0", Map.of("store", "disk0")));
    fixture.command(new Change.Remove("store", "slow", false));
  }

  @Test
  void aFilterOnNothingIsTold() {
    assertThat(create("throttle", "slow", "store", "nowhere").warnings())
        .containsExactly(
            "org.jtgt.backstore.throttle~slow: store: there is no store 'nowhere' yet; this one"
                + " waits for it");
  }

  @Test
  void aFilterThatStandsOnItselfIsRefused() {
    create("throttle", "a", "store", "disk0");
    create("throttle", "b", "store", "a");
    assertThatThrownBy(() -> fixture.command(new Change.Update("store", "a", Map.of("store", "b"))))
        .hasMessage("org.jtgt.backstore.throttle~a: store: 'b' stands on 'a' itself");
  }

  @Test
  void whatLiesUnderAnEncryptionIsNotForInitiatorsToWrite() {
    create("memory", "m", "size", "1M");
    create("crypt", "c", "base", "m");
    create("lu", "good", "store", "c");
    assertThatThrownBy(() -> fixture.command(new Change.Update("lu", "good", Map.of("store", "m"))))
        .hasMessage(
            "org.jtgt.scsi.lu~good: store: 'm' holds the data of org.jtgt.backstore.crypt~c in"
                + " another form; allowed: c, or readOnly=true");
    create("throttle", "t", "store", "m");
    assertThatThrownBy(() -> create("lu", "around", "store", "t"))
        .hasMessageContaining("in another form");
    fixture.command(new Change.Create("lu", "look", Map.of("store", "m", "readOnly", "true")));
  }

  @Test
  void aStoreThatWritesItsBaseInAnotherFormHasItAlone() {
    create("memory", "m", "size", "1M");
    create("crypt", "c", "base", "m");
    assertThatThrownBy(() -> create("crypt", "second", "base", "m"))
        .hasMessage(
            "org.jtgt.backstore.crypt~second: base: 'm' is the base of org.jtgt.backstore.crypt~c"
                + " already; allowed: a store of its own, or overlays only");
    assertThatThrownBy(() -> overlay("o", "m")).hasMessageContaining("already");
  }

  @Test
  void manyOverlaysStandOnOneBase() {
    create("memory", "m", "size", "1M");
    overlay("a", "m");
    assertThat(overlay("b", "m").warnings()).isEmpty();
  }

  @Test
  void twoDisksThatWriteTheSameDataAreWarnedOf() {
    create("throttle", "slow", "store", "disk0");
    assertThat(create("lu", "again", "store", "slow").warnings())
        .singleElement()
        .asString()
        .contains("'slow' is written to by org.jtgt.scsi.lu~disk0 too");
    assertThat(
            fixture
                .command(
                    new Change.Create("lu", "look", Map.of("store", "disk0", "readOnly", "true")))
                .warnings())
        .isEmpty();
  }

  @Test
  void anEncryptionIsNotPutUnderAnExistingDisk() {
    assertThatThrownBy(() -> create("crypt", "c", "base", "disk0"))
        .hasMessageContaining("is written to by org.jtgt.scsi.lu~disk0");
  }
}
