// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Discovery;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may log in to what, what they see there, and what a changed rule does to sessions. */
@ExtendWith(SecuredTarget.Resolver.class)
class AccessTest {
  private static final String RULE = "org.jtgt.iscsi.access-itest";
  private static final String FRIEND = "iqn.2026-11.org.jtgt.itests:friend";
  private static final String STRANGER = "iqn.2026-11.org.jtgt.itests:stranger";

  private SecuredTarget target;

  @BeforeEach
  void onlyFriends(SecuredTarget secured) throws Exception {
    target = secured;
    rule("initiators=" + FRIEND);
    SecuredTarget.eventually(() -> assertThat(statusOf(STRANGER)).isEqualTo(0x0202));
  }

  @AfterEach
  void everybody() throws Exception {
    target.daemon().remove(RULE);
    target.daemon().remove(RULE + "2");
    SecuredTarget.eventually(() -> assertThat(statusOf(STRANGER)).isZero());
  }

  private void rule(String... lines) throws Exception {
    String[] all = new String[lines.length + 1];
    all[0] = "targets=acl";
    System.arraycopy(lines, 0, all, 1, lines.length);
    target.daemon().write(RULE, all);
  }

  private LoginOptions to(String initiator) {
    return target.options(initiator, "acl");
  }

  private int statusOf(String initiator) throws Exception {
    return target.status(to(initiator));
  }

  private static List<Long> luns(LogicalUnit any) throws Exception {
    byte[] list = any.in(Cdb.reportLuns(0, 256), 256).requireGood().data();
    ByteBuffer buffer = ByteBuffer.wrap(list);
    List<Long> luns = new ArrayList<>();
    for (int at = 8; at < 8 + buffer.getInt(0); at += 8) {
      luns.add(buffer.getLong(at) >>> 48);
    }
    return luns;
  }

  @Test
  @Section("11.13.5")
  void only_whom_a_rule_names_logs_in_others_get_0202() throws Exception {
    assertThat(statusOf(FRIEND)).isZero();
    assertThat(statusOf(FRIEND.toUpperCase(Locale.ROOT))).isZero();
    assertThat(statusOf(STRANGER)).isEqualTo(0x0202);
  }

  @Test
  @Section("appendix C")
  void discovery_shows_only_what_the_asker_may_log_in_to() throws Exception {
    assertThat(names(FRIEND)).contains(SecuredTarget.name("acl"), SecuredTarget.name("chap"));
    assertThat(names(STRANGER))
        .doesNotContain(SecuredTarget.name("acl"))
        .contains(SecuredTarget.name("chap"));
  }

  private List<String> names(String initiator) throws Exception {
    return Discovery.discover(target.portal(), initiator).stream()
        .map(Discovery.DiscoveredTarget::name)
        .toList();
  }

  @Test
  @Section("11.13.5")
  void an_address_outside_the_rule_is_refused() throws Exception {
    rule("addresses=192.0.2.0/24");
    SecuredTarget.eventually(() -> assertThat(statusOf(FRIEND)).isEqualTo(0x0202));
    rule("addresses=192.0.2.0/24,127.0.0.0/8");
    SecuredTarget.eventually(() -> assertThat(statusOf(FRIEND)).isZero());
  }

  @Test
  @Section("11.9.1")
  void whoever_is_denied_later_is_asked_to_log_out_and_others_stay() throws Exception {
    rule("initiators=" + FRIEND + "*");
    SecuredTarget.eventually(() -> assertThat(statusOf(FRIEND + "2")).isZero());
    try (Session stays = target.login(to(FRIEND));
        Session goes = target.login(to(FRIEND + "2")).endingAbruptly()) {
      stays.logicalUnit(0).clearUnitAttentions();
      goes.logicalUnit(0).clearUnitAttentions();
      rule("initiators=" + FRIEND);
      SecuredTarget.eventually(() -> {
        assertThat(target.daemon().jtgt("sessions")).doesNotContain(FRIEND + "2");
        return true;
      });
      stays.logicalUnit(0).read(0, 1, 512);
      stays.logout();
    }
    assertThat(statusOf(FRIEND + "2")).isEqualTo(0x0202);
  }

  @Test
  @Section("SPC-4 annex C")
  void another_initiator_may_see_another_LUN_map_changed_in_place() throws Exception {
    target.daemon().write(RULE + "2", "targets=acl", "initiators=" + STRANGER, "luns=5:disk1");
    SecuredTarget.eventually(() -> assertThat(statusOf(STRANGER)).isZero());
    try (Session friend = target.login(to(FRIEND));
        Session other = target.login(to(STRANGER))) {
      assertThat(luns(friend.logicalUnit(0))).contains(0L, 1L).doesNotContain(5L);
      assertThat(luns(other.logicalUnit(5))).contains(5L).doesNotContain(0L, 1L);
      ScsiResult unmapped = other.logicalUnit(1).testUnitReady();
      assertThat(unmapped.sense().orElseThrow().additional()).isEqualTo(0x2500);
      friend.logicalUnit(0).clearUnitAttentions();
      friend.logicalUnit(1).clearUnitAttentions();
      friend
          .logicalUnit(1)
          .write(9, "seen through both maps".repeat(24).substring(0, 512).getBytes(), 512);
      other.logicalUnit(5).clearUnitAttentions();
      assertThat(new String(other.logicalUnit(5).read(9, 1, 512))).startsWith("seen through both");

      target
          .daemon()
          .write(RULE + "2", "targets=acl", "initiators=" + STRANGER, "luns=5:disk1,6:disk0");
      SecuredTarget.eventually(() -> {
        other.logicalUnit(5).clearUnitAttentions();
        assertThat(luns(other.logicalUnit(5))).contains(5L, 6L);
        return true;
      });
      friend.logicalUnit(0).read(0, 1, 512);
      friend.logout();
      other.logout();
    }
  }

  @Test
  @Section("SBC-3 4.12")
  void a_read_only_initiator_cannot_write_while_another_can() throws Exception {
    target.daemon().write(RULE + "2", "targets=acl", "initiators=" + STRANGER, "readOnly=true");
    SecuredTarget.eventually(() -> assertThat(statusOf(STRANGER)).isZero());
    try (Session writer = target.login(to(FRIEND));
        Session reader = target.login(to(STRANGER))) {
      writer.logicalUnit(0).clearUnitAttentions();
      reader.logicalUnit(0).clearUnitAttentions();
      byte[] block = new byte[512];
      Arrays.fill(block, (byte) 0x5a);
      writer.logicalUnit(0).write(3, block, 512);
      ScsiResult refused = reader.logicalUnit(0).out(Cdb.write16(3, 1), new byte[512]);
      assertThat(refused.sense().orElseThrow().key()).isEqualTo(Sense.DATA_PROTECT);
      assertThat(refused.sense().orElseThrow().additional()).isEqualTo(0x2700);
      assertThat(reader.logicalUnit(0).read(3, 1, 512)).isEqualTo(block);
      byte[] mode = reader.logicalUnit(0).in(Cdb.modeSense6(0, 0x3f, 0, 192), 192).data();
      assertThat(mode[2] & 0x80).as("WP").isEqualTo(0x80);
      byte[] other = writer.logicalUnit(0).in(Cdb.modeSense6(0, 0x3f, 0, 192), 192).data();
      assertThat(other[2] & 0x80).as("WP of the other").isZero();
      reader.logout();
      writer.logout();
    }
  }

  @Test
  @Section("11.13.5")
  void one_session_more_than_allowed_is_refused_with_0302() throws Exception {
    rule("initiators=" + FRIEND, "maxSessions=1");
    SecuredTarget.eventually(() -> {
      try (Session first = target.login(to(FRIEND).withIsid(0x800000000001L))) {
        int second = target.status(to(FRIEND).withIsid(0x800000000002L));
        first.logout();
        assertThat(second).isEqualTo(0x0302);
      }
      return true;
    });
    try (Session first = target.login(to(FRIEND)).endingAbruptly()) {
      // The same session again reinstates the first one and needs no room.
      try (Session again = target.login(to(FRIEND).withIsid(first.isid()))) {
        again.logout();
      }
    }
  }

  @Test
  @Section("11.13.5")
  void a_rule_that_cannot_be_read_shuts_its_target_and_is_told() throws Exception {
    rule("addresses=not an address");
    SecuredTarget.eventually(() -> assertThat(statusOf(FRIEND)).isEqualTo(0x0202));
    assertThat(target.daemon().jtgt("list")).contains("not an address");
  }
}
