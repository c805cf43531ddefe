// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.junit.jupiter.api.Test;

/** Accounts, access rules and policies as the administration sees them. */
class LoginReferencesTest {
  private final Fixture fixture = new Fixture();

  @Test
  void aRuleAboutATargetThatIsNotThereYetWarns() {
    assertThat(access("r", Map.of("targets", "t0")).warnings())
        .containsExactly("org.jtgt.iscsi.access~r: targets: there is no target 't0' yet");
  }

  @Test
  void aTargetIsFoundByItsNameItsIscsiNameInAnyCaseAndAPatternNeedsNone() {
    fixture.disk0();

    assertThat(
            access("r", Map.of("targets", "disk0,IQN.2026-11.org.jtgt:disk0,iqn.*,t?")).warnings())
        .isEmpty();
  }

  @Test
  void aPolicyForAPortalThatIsNotThereYetWarns() {
    var result =
        fixture.command(new Change.Create("policy", "p", Map.of("portals", "front,back*")));

    assertThat(result.warnings())
        .containsExactly("org.jtgt.iscsi.policy~p: portals: there is no portal 'front' yet");
  }

  @Test
  void anLuThatARuleMapsIsInUse() {
    fixture.disk0();
    fixture.command(new Change.Create("lu", "other", Map.of("store", "disk0")));
    access("r", Map.of("targets", "disk0", "luns", "3:other"));

    assertThat(fixture.admin.object("lu", "other").orElseThrow().usedBy())
        .contains("access r LUN 3");
  }

  @Test
  void aWrongLunMapIsLeftToTheRuleWhichShutsItsTarget() {
    fixture.disk0();

    assertThat(access("r", Map.of("targets", "disk0", "luns", "zero")).warnings()).isEmpty();
  }

  @Test
  void accountsRulesAndPoliciesAreOneCategory() {
    access("r", Map.of("targets", "*"));

    assertThat(fixture.admin.object("access", "r").orElseThrow().category())
        .isEqualTo(Category.LOGIN);
  }

  private org.jtgt.admin.Result access(String name, Map<String, String> values) {
    return fixture.command(new Change.Create("access", name, values));
  }
}
