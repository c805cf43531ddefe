// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.spi.AnnouncedPortal;
import org.jtgt.iscsi.spi.AnnouncedTarget;
import org.jtgt.isns.message.Function;
import org.jtgt.isns.message.Message;
import org.jtgt.isns.message.Status;
import org.jtgt.isns.message.Tag;
import org.junit.jupiter.api.Test;

class RegistrationTest {
  private static final InetAddress HERE = InetAddress.ofLiteral("192.0.2.1");
  private static final AnnouncedPortal FRONT = portal("front", "192.0.2.1", 3260, 1, "");
  private static final AnnouncedPortal BACK = portal("back", "2001:db8::1", 3261, 7, "");

  private final NameServer server = new NameServer();
  private final Map<InetAddress, Integer> esiPorts = new HashMap<>();
  private Registration registration = registration(0);

  private Registration registration(int esiSeconds) {
    return new Registration(new Registration.Terms("host", 300, esiSeconds), () -> esiPorts);
  }

  private static AnnouncedPortal portal(
      String name, String address, int port, int tag, String advertised) {
    return new AnnouncedPortal(
        name, new InetSocketAddress(InetAddress.ofLiteral(address), port), tag, advertised);
  }

  private static AnnouncedTarget target(String name, AnnouncedPortal... portals) {
    return new AnnouncedTarget("iqn.2026-11.org.jtgt:" + name, name, "", List.of(portals));
  }

  private static Inventory inventory(AnnouncedTarget... targets) {
    return Inventory.of(List.of(targets), target -> true, HERE);
  }

  /** Carries out all steps to an inventory. */
  private void reach(Inventory wanted) {
    for (int i = 0; i < 10; i++) {
      Optional<Registration.Step> step = registration.next(wanted);
      if (step.isEmpty()) {
        return;
      }
      Message answer = server.answer(step.get().request());
      assertThat(registration.answered(step.get(), answer))
          .as(Status.text(answer.status()) + answer.attributes())
          .isTrue();
    }
    throw new AssertionError("it never ends");
  }

  @Test
  void aTargetIsRegisteredWithItsPortalsAndTheirTags() {
    reach(inventory(target("t0", FRONT, BACK)));

    assertThat(server.nodes())
        .containsExactly(
            Map.entry(
                "iqn.2026-11.org.jtgt:t0",
                Map.of("192.0.2.1 3260", 1, "2001:db8:0:0:0:0:0:1 3261", 7)));
    var entity = server.entity("host");
    assertThat(entity.attribute(Tag.ENTITY_PROTOCOL).asNumber()).isEqualTo(2);
    assertThat(entity.attribute(Tag.REGISTRATION_PERIOD).asNumber()).isEqualTo(300);
    assertThat(entity.node("iqn.2026-11.org.jtgt:t0").attribute(33).asNumber()).isEqualTo(1);
    assertThat(entity.portal("192.0.2.1 3260").attribute(18).asText()).isEqualTo("front");
  }

  @Test
  void aTargetThatIsNotOnAPortalHasNoGroupThere_5_6_5_1() {
    reach(inventory(target("t0", FRONT), target("t1", BACK)));

    assertThat(server.nodes().get("iqn.2026-11.org.jtgt:t0")).containsOnlyKeys("192.0.2.1 3260");
    assertThat(server.nodes().get("iqn.2026-11.org.jtgt:t1"))
        .containsOnlyKeys("2001:db8:0:0:0:0:0:1 3261");
  }

  @Test
  void withoutTargetsNothingIsRegistered() {
    assertThat(registration.next(inventory())).isEmpty();
    assertThat(registration.refresh()).isEmpty();
  }

  @Test
  void aTargetThatComesIsAddedAndNothingIsReplaced() {
    reach(inventory(target("t0", FRONT)));
    reach(inventory(target("t0", FRONT), target("t1", FRONT)));

    assertThat(server.nodes()).hasSize(2);
    assertThat(server.received).extracting(Message::replace).containsExactly(true, false);
  }

  @Test
  void aTargetThatGoesIsDeregisteredAlone_5_6_5_4() {
    reach(inventory(target("t0", FRONT), target("t1", FRONT)));
    reach(inventory(target("t1", FRONT)));

    assertThat(server.nodes()).containsOnlyKeys("iqn.2026-11.org.jtgt:t1");
    assertThat(server.functions()).containsExactly(Function.DEV_ATTR_REG, Function.DEV_DEREG);
  }

  @Test
  void aPortalThatGoesIsDeregistered() {
    reach(inventory(target("t0", FRONT, BACK)));
    reach(inventory(target("t0", FRONT)));

    assertThat(server.portals()).containsExactly("192.0.2.1 3260");
    assertThat(server.nodes().get("iqn.2026-11.org.jtgt:t0")).containsOnlyKeys("192.0.2.1 3260");
  }

  @Test
  void theLastTargetTakesTheEntityWithIt() {
    reach(inventory(target("t0", FRONT)));
    reach(inventory());

    assertThat(server.entities).isEmpty();
  }

  @Test
  void allTargetsMayBeExchangedForOthers() {
    reach(inventory(target("t0", FRONT), target("t1", FRONT)));
    reach(inventory(target("t2", BACK)));

    assertThat(server.nodes()).containsOnlyKeys("iqn.2026-11.org.jtgt:t2");
    assertThat(server.portals()).containsExactly("2001:db8:0:0:0:0:0:1 3261");
  }

  @Test
  void whatAnEarlierLifeLeftIsReplaced() {
    reach(inventory(target("old", FRONT)));
    registration = registration(0);
    reach(inventory(target("new", FRONT)));

    assertThat(server.nodes()).containsOnlyKeys("iqn.2026-11.org.jtgt:new");
  }

  @Test
  void aServerThatHasForgottenIsToldAgain_6_2_6() {
    Inventory wanted = inventory(target("t0", FRONT));
    reach(wanted);
    registration.refreshed(server.answer(registration.refresh().orElseThrow()));
    assertThat(registration.next(wanted)).isEmpty();

    server.entities.clear();
    registration.refreshed(server.answer(registration.refresh().orElseThrow()));
    reach(wanted);

    assertThat(server.nodes()).hasSize(1);
  }

  @Test
  void thePeriodOfTheServerCounts_6_2_6() {
    server.period = 60;
    reach(inventory(target("t0", FRONT)));

    assertThat(registration.periodSeconds()).isEqualTo(60);
  }

  @Test
  void inquiriesAreAskedForWhereTheClientListens_6_3_4() {
    registration = registration(15);
    esiPorts.put(InetAddress.ofLiteral("192.0.2.1"), 4711);
    reach(inventory(target("t0", FRONT, BACK)));

    var entity = server.entity("host");
    assertThat(entity.portal("192.0.2.1 3260").attribute(Tag.ESI_PORT).asNumber()).isEqualTo(4711);
    assertThat(entity.portal("192.0.2.1 3260").attribute(Tag.ESI_INTERVAL).asNumber())
        .isEqualTo(15);
    assertThat(entity.portal("2001:db8:0:0:0:0:0:1 3261").attributes)
        .doesNotContainKey(Tag.ESI_PORT);
  }

  @Test
  void aServerWithoutInquiriesGetsTheRegistrationWithoutThem() {
    server.offersInquiries = false;
    registration = registration(15);
    esiPorts.put(InetAddress.ofLiteral("192.0.2.1"), 4711);
    reach(inventory(target("t0", FRONT)));

    assertThat(server.nodes()).hasSize(1);
  }

  @Test
  void aRefusedStepIsBegunAnew() {
    Inventory wanted = inventory(target("t0", FRONT));
    reach(wanted);
    Inventory more = inventory(target("t0", FRONT), target("t1", FRONT));
    server.refuseNext = Status.INVALID_REGISTRATION;
    Registration.Step step = registration.next(more).orElseThrow();
    assertThat(registration.answered(step, server.answer(step.request()))).isFalse();

    reach(more);

    assertThat(server.nodes()).hasSize(2);
    assertThat(server.received.getLast().replace()).isTrue();
  }

  @Test
  void leavingRemovesTheEntity() {
    reach(inventory(target("t0", FRONT)));
    server.answer(registration.leave().orElseThrow().request());

    assertThat(server.entities).isEmpty();
  }

  @Test
  void aWildcardPortalIsKnownByTheAddressOnTheWayToTheServer() {
    reach(inventory(target("t0", portal("any", "0.0.0.0", 3260, 1, ""))));

    assertThat(server.portals()).containsExactly("192.0.2.1 3260");
  }

  @Test
  void aWildcardOfIpv4IsNotRegisteredAtAnIpv6AddressWhereNothingListens() {
    InetAddress reached = InetAddress.ofLiteral("2001:db8::1");
    AnnouncedPortal any4 = portal("any4", "0.0.0.0", 3260, 1, "");
    AnnouncedPortal any6 = portal("any6", "::", 3261, 2, "");
    reach(
        Inventory.of(
            List.of(target("on4", any4), target("on6", any6), target("onBoth", any4, any6)),
            target -> true,
            reached));

    assertThat(server.portals()).containsExactly("2001:db8:0:0:0:0:0:1 3261");
    assertThat(server.nodes())
        .containsOnlyKeys("iqn.2026-11.org.jtgt:on6", "iqn.2026-11.org.jtgt:onBoth");
  }

  @Test
  void anAdvertisedAddressTakesThePlaceOfTheRealOneAHostNameDoesNot() {
    reach(
        inventory(
            target(
                "t0",
                portal("a", "10.0.0.1", 3260, 1, "192.0.2.9:860"),
                portal("b", "10.0.0.2", 3260, 2, "[2001:db8::9]"),
                portal("c", "10.0.0.3", 3260, 3, "storage.example"))));

    assertThat(server.portals())
        .containsExactly("10.0.0.3 3260", "192.0.2.9 860", "2001:db8:0:0:0:0:0:9 3260");
  }

  @Test
  void aTargetThatIsNotToBeShownIsNotAndNeitherIsAPortalOfItsOwn() {
    registration = registration(0);
    reach(
        Inventory.of(
            List.of(target("shown", FRONT), target("hidden", BACK)),
            target -> target.id().equals("shown"),
            HERE));

    assertThat(server.nodes()).containsOnlyKeys("iqn.2026-11.org.jtgt:shown");
    assertThat(server.portals()).containsExactly("192.0.2.1 3260");
  }
}
