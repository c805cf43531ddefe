// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.jtgt.admin.Origin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bundles refuse is refused before it is stored. */
class ChecksTest {
  private final Fixture fixture = new Fixture();

  @TempDir Path folder;

  private Origin file(String text) throws IOException {
    return Origin.file(Files.writeString(folder.resolve("x.cfg"), text));
  }

  @BeforeEach
  void aBundleThatKnowsNames() {
    fixture.checks.add((type, pid, values) ->
        values.values().stream().anyMatch(v -> Entry.textOf(v).contains("bad"))
            ? Optional.of("targets: 'bad' is no name; allowed: names")
            : Optional.empty());
  }

  private void refused(Origin origin, Change change, String told) {
    assertThatThrownBy(() -> fixture.as(origin, change))
        .isInstanceOfSatisfying(
            AdminException.class,
            refusal -> {
              assertThat(refusal).hasMessage(told);
              assertThat(refusal.problem()).isEqualTo(AdminException.Problem.BAD_VALUE);
            });
  }

  @Test
  void aCommandThatMakesARuleIsRefusedAndNothingIsStored() {
    refused(
        Origin.COMMAND,
        new Change.Create("access", "r", Map.of("targets", "bad")),
        "org.jtgt.iscsi.access~r: targets: 'bad' is no name; allowed: names");

    assertThat(fixture.admin.object("access", "r")).isEmpty();
  }

  @Test
  void aCommandThatChangesARuleIsRefusedAndTheRuleStays() {
    fixture.command(new Change.Create("access", "r", Map.of("targets", "good")));

    refused(
        Origin.COMMAND,
        new Change.Update("access", "r", Map.of("targets", "bad")),
        "org.jtgt.iscsi.access~r: targets: 'bad' is no name; allowed: names");

    assertThat(fixture.admin.object("access", "r").orElseThrow().values())
        .containsEntry("targets", "good");
  }

  @Test
  void aWrongRuleOfAFileIsStoredForLeftOutItWouldLeaveItsTargetOpen() throws IOException {
    fixture.as(file("targets=bad"), new Change.Declare("access", "r", Map.of("targets", "bad")));

    assertThat(fixture.admin.object("access", "r")).isPresent();
  }

  @Test
  void aFileWithAWrongSettingIsRefusedWithTheWholeTextWhenNoKeyIsNamed() throws IOException {
    fixture.checks.clear();
    fixture.checks.add((type, pid, values) -> Optional.of("too much at once: 1G and 2G"));

    refused(
        file("transferBudget=1G"),
        new Change.Declare("scsi", "scsi", Map.of("transferBudget", "1G")),
        "org.jtgt.scsi: too much at once: 1G and 2G");
  }
}
