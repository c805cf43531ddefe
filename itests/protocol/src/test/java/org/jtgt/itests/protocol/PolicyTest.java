// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The terms of a target that differ from those of others. */
@ExtendWith(SecuredTarget.Resolver.class)
class PolicyTest {

  private static LoginException refusal(SecuredTarget target, LoginOptions options)
      throws Exception {
    try (Session session = target.login(options)) {
      session.logout();
      throw new AssertionError("the login succeeded");
    } catch (LoginException e) {
      return e;
    }
  }

  @Test
  @Section("11.13.5, 13.8")
  void a_target_that_has_moved_for_a_time_answers_0101_with_its_address(SecuredTarget target)
      throws Exception {
    LoginException answer = refusal(target, target.options("moved"));
    assertThat(answer.status()).isEqualTo(0x0101);
    assertThat(answer.response().keys().first("TargetAddress")).hasValue("192.0.2.7:3260");
  }

  @Test
  @Section("11.13.5, 13.8")
  void a_target_that_has_moved_for_good_answers_0102_with_its_address(SecuredTarget target)
      throws Exception {
    LoginException answer = refusal(target, target.options("gone"));
    assertThat(answer.status()).isEqualTo(0x0102);
    assertThat(answer.response().keys().first("TargetAddress")).hasValue("[2001:db8::7]:3261");
  }

  @Test
  @Section("13.1, 13.13, 13.14")
  void a_policy_sets_the_targets_values_of_keys(SecuredTarget target) throws Exception {
    LoginOptions options =
        target
            .options("terms")
            .with("HeaderDigest", "None,CRC32C")
            .with("DataDigest", "CRC32C,None")
            .with("MaxBurstLength", 262144)
            .with("FirstBurstLength", 65536);
    try (Session session = target.login(options)) {
      assertThat(session.loginKeys().first("HeaderDigest")).hasValue("CRC32C");
      assertThat(session.loginKeys().first("DataDigest")).hasValue("None");
      assertThat(session.parameters().maxBurst()).isEqualTo(65536);
      assertThat(session.parameters().firstBurst()).isEqualTo(4096);
      session.logicalUnit(0).clearUnitAttentions();
      session.logicalUnit(0).read(0, 256, 512);
      session.logout();
    }
  }

  @Test
  @Section("11.13.5")
  void a_target_takes_as_many_sessions_as_its_policy_says(SecuredTarget target) throws Exception {
    LoginOptions strict = target.options("terms").with("HeaderDigest", "CRC32C");
    try (Session only = target.login(strict)) {
      assertThat(target.status(target.options("terms").with("HeaderDigest", "CRC32C")))
          .isEqualTo(0x0302);
      only.logout();
    }
  }
}
