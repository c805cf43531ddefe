// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.jtgt.admin.Origin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TakeoverTest {
  private static final String STORE = "org.jtgt.backstore.file~disk0";
  private static final String TARGET = "org.jtgt.scsi.target~disk0";
  private static final String REASON = "size: 512M is configured, but disk0 has 1G";

  private final Fixture fixture = new Fixture();
  private final List<String> seen = new ArrayList<>();

  @BeforeEach
  void aDiskThatServes() {
    fixture.disk0();
    fixture.components.put(STORE, new Condition(Condition.ACTIVE, ""));
  }

  /** As a component that cannot be made anew with the change. */
  private void refuse() {
    fixture.changed =
        (before, now) -> {
          seen.add(before.text("size") + " " + now.text("size"));
          return Optional.of(
              now.text("size").equals("1G")
                  ? new Condition(Condition.ACTIVE, "")
                  : new Condition(Condition.FAILED, REASON));
        };
  }

  private Change size(String size) {
    return new Change.Update("file", "disk0", Map.of("size", size));
  }

  @Test
  void whatAStoreRefusesIsRefusedAndTheWholeChangeTakenBack() {
    refuse();
    assertThatThrownBy(() ->
            fixture.command(
                size("512M"),
                new Change.Create("memory", "m0", Map.of("size", "1M")),
                new Change.Update("target", "disk0", Map.of("luns", "1:disk0"))))
        .isInstanceOf(AdminException.class)
        .hasMessage(STORE + ": " + REASON + "; nothing was changed");
    assertThat(fixture.configurations.properties(STORE)).containsEntry("size", "1G");
    assertThat(fixture.configurations.exists("org.jtgt.backstore.memory~m0")).isFalse();
    assertThat((String[]) fixture.configurations.properties(TARGET).get("luns"))
        .containsExactly("0:disk0");
    assertThat(seen).containsExactly("1G 512M", "512M 1G");
  }

  @Test
  void theFileThatMadeItSaysAgainWhatItSaidBefore(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("org.jtgt.backstore.file-filed.cfg");
    Files.writeString(file, "# mine\npath = /data/filed\nsize = 1G\n");
    fixture.as(
        Origin.file(file),
        new Change.Declare("file", "filed", Map.of("path", "/data/filed", "size", "1G")));
    fixture.components.put("org.jtgt.backstore.file~filed", new Condition(Condition.ACTIVE, ""));
    refuse();
    assertThatThrownBy(
            () -> fixture.command(new Change.Update("file", "filed", Map.of("size", "2G"))))
        .hasMessageContaining(REASON);
    assertThat(file).hasContent("# mine\npath = /data/filed\nsize = 1G\n");
  }

  @Test
  void aStoreThatGoesOnButShowsThatItRefusesCountsToo() {
    fixture.changed =
        (before, now) -> {
          fixture.sources.clear();
          if (!now.text("size").equals("1G")) {
            fixture.live("store", "disk0", STORE, Map.of("state", "failed", "reason", REASON));
          }
          return Optional.of(new Condition(Condition.ACTIVE, ""));
        };
    assertThatThrownBy(() -> fixture.command(size("512M"))).hasMessageContaining(REASON);
    assertThat(fixture.configurations.properties(STORE)).containsEntry("size", "1G");
  }

  /** As one that is made anew, and looks for the store that it stands on first. */
  @Test
  void aStoreThatWaitsForAMomentIsNotTakenForOneThatHasTakenTheChange() {
    int[] looks = {0};
    fixture.changed =
        (before, now) -> {
          fixture.sources.clear();
          if (!now.text("size").equals("1G")) {
            String state = ++looks[0] < 3 ? Condition.WAITING : Condition.FAILED;
            fixture.live("store", "disk0", STORE, Map.of("state", state, "reason", REASON));
          }
          return Optional.of(new Condition(Condition.ACTIVE, ""));
        };
    assertThatThrownBy(() -> fixture.command(size("512M"))).hasMessageContaining(REASON);
    assertThat(looks[0]).isEqualTo(3);
    assertThat(fixture.configurations.properties(STORE)).containsEntry("size", "1G");
  }

  @Test
  void theChangeIsWaitedFor() {
    int[] looks = {0};
    fixture.changed =
        (before, now) ->
            ++looks[0] < 3
                ? Optional.empty()
                : Optional.of(new Condition(Condition.FAILED, REASON));
    assertThatThrownBy(() -> fixture.command(size("512M"))).hasMessageContaining(REASON);
    assertThat(looks[0]).isGreaterThanOrEqualTo(3);
  }

  @Test
  void whatDoesNotServeMayBeChangedStepByStep() {
    fixture.components.put(STORE, new Condition(Condition.FAILED, "path: nothing there"));
    refuse();
    fixture.command(size("512M"));
    assertThat(fixture.configurations.properties(STORE)).containsEntry("size", "512M");
    assertThat(seen).isEmpty();
  }

  @Test
  void aBaseThatIsNotThereYetIsNoRefusal() {
    fixture.command(new Change.Create("throttle", "slow", Map.of("store", "disk0")));
    String pid = "org.jtgt.backstore.throttle~slow";
    fixture.components.put(pid, new Condition(Condition.ACTIVE, ""));
    fixture.live("store", "slow", pid, Map.of("state", "absent", "reason", "store x is not there"));
    fixture.command(new Change.Update("throttle", "slow", Map.of("store", "x")));
    assertThat(fixture.configurations.properties(pid)).containsEntry("store", "x");
  }
}
