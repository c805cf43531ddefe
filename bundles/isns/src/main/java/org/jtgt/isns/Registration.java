// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jtgt.isns.message.Attribute;
import org.jtgt.isns.message.Function;
import org.jtgt.isns.message.Message;
import org.jtgt.isns.message.Status;
import org.jtgt.isns.message.Tag;

/**
 * What a server knows of this target, as far as it has confirmed it, and which messages bring it to
 * what it should know (RFC 4171 5.6.5). It knows no socket.
 *
 * <p>Not for several threads at once.
 */
final class Registration {
  /** Entity Protocol iSCSI (RFC 4171 6.2.2). */
  private static final int ISCSI = 2;

  /** iSCSI Node Type: the Target bit (RFC 4171 6.4.2). */
  private static final int TARGET = 1;

  /**
   * How to be registered.
   *
   * @param entity Entity Identifier
   * @param periodSeconds Registration Period to ask for
   * @param esiSeconds Entity Status Inquiry Interval; 0 for none
   */
  record Terms(String entity, int periodSeconds, int esiSeconds) {}

  /** A request, and what is registered once it has succeeded. */
  record Step(Message request, Inventory then) {}

  private final Terms terms;
  private final Supplier<Map<InetAddress, Integer>> esiPorts;
  private Inventory registered = Inventory.NOTHING;
  private boolean fresh = true;
  private boolean inquiries;
  private int periodSeconds;
  private int transaction;

  /**
   * @param esiPorts ports on which the client listens for inquiries now, by address
   */
  Registration(Terms terms, Supplier<Map<InetAddress, Integer>> esiPorts) {
    this.terms = terms;
    this.esiPorts = esiPorts;
    this.inquiries = terms.esiSeconds > 0;
    this.periodSeconds = terms.periodSeconds;
  }

  /** What the server has confirmed. */
  Inventory registered() {
    return registered;
  }

  /** Seconds after which the server forgets a client that says nothing. */
  int periodSeconds() {
    return periodSeconds;
  }

  /** The next message on the way to an inventory; empty when the server knows it. */
  Optional<Step> next(Inventory wanted) {
    if (wanted.equals(registered)) {
      return Optional.empty();
    }
    if (registered.isEmpty()) {
      return wanted.isEmpty() ? Optional.empty() : Optional.of(register(wanted));
    }
    List<String> goneTargets = registered.targetsBeyond(wanted);
    if (goneTargets.size() == registered.targets().size()) {
      // Nobody would be left to speak for the entity.
      return Optional.of(deregisterAll());
    }
    List<Inventory.Portal> gonePortals = registered.portalsBeyond(wanted);
    return Optional.of(
        goneTargets.isEmpty() && gonePortals.isEmpty()
            ? register(wanted)
            : deregister(goneTargets, gonePortals, wanted));
  }

  /** The message that keeps the registration alive and shows whether it is (RFC 4171 6.2.6). */
  Optional<Message> refresh() {
    if (registered.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        request(
            Function.DEV_ATTR_QRY,
            List.of(
                Attribute.text(Tag.ISCSI_NAME, registered.source()),
                Attribute.text(Tag.ENTITY_IDENTIFIER, terms.entity),
                Attribute.empty(Tag.DELIMITER),
                Attribute.empty(Tag.ENTITY_IDENTIFIER))));
  }

  /** Takes the answer to {@link #refresh}: a server that does not know the entity has lost it. */
  void refreshed(Message answer) {
    boolean known =
        answer.status() == Status.SUCCESSFUL && answer.operating(Tag.ENTITY_IDENTIFIER).isPresent();
    if (!known) {
      registered = Inventory.NOTHING;
    }
  }

  /** Takes the answer to a step; false when the server refuses it. */
  boolean answered(Step step, Message answer) {
    if (answer.status() == Status.ESI_NOT_AVAILABLE && inquiries) {
      // It is registered without inquiries then, and kept alive by the period.
      inquiries = false;
      return true;
    }
    if (answer.status() != Status.SUCCESSFUL) {
      // What the server knows is not known any more: the next step begins anew.
      registered = Inventory.NOTHING;
      fresh = true;
      return false;
    }
    fresh = false;
    registered = step.then;
    answer
        .operating(Tag.REGISTRATION_PERIOD)
        .map(Attribute::asNumber)
        .filter(seconds -> seconds > 0)
        .ifPresent(seconds -> periodSeconds = seconds);
    return true;
  }

  /** The message that removes the entity with all that is in it. */
  Optional<Step> leave() {
    return registered.isEmpty() ? Optional.empty() : Optional.of(deregisterAll());
  }

  private Step deregisterAll() {
    return new Step(
        request(
            Function.DEV_DEREG,
            List.of(
                Attribute.text(Tag.ISCSI_NAME, registered.source()),
                Attribute.empty(Tag.DELIMITER),
                Attribute.text(Tag.ENTITY_IDENTIFIER, terms.entity))),
        Inventory.NOTHING);
  }

  private Step deregister(List<String> targets, List<Inventory.Portal> portals, Inventory wanted) {
    List<Attribute> attributes = new ArrayList<>();
    String source =
        registered.targets().keySet().stream()
            .filter(name -> !targets.contains(name))
            .findFirst()
            .orElseThrow();
    attributes.add(Attribute.text(Tag.ISCSI_NAME, source));
    attributes.add(Attribute.empty(Tag.DELIMITER));
    targets.forEach(name -> attributes.add(Attribute.text(Tag.ISCSI_NAME, name)));
    portals.forEach(
        portal -> attributes.addAll(address(Tag.PORTAL_IP_ADDRESS, Tag.PORTAL_PORT, portal)));
    var leftPortals = new TreeMap<>(registered.portals());
    leftPortals.keySet().retainAll(wanted.portals().keySet());
    var leftTargets = new TreeMap<>(registered.targets());
    leftTargets.keySet().retainAll(wanted.targets().keySet());
    return new Step(
        request(Function.DEV_DEREG, attributes), new Inventory(leftPortals, leftTargets));
  }

  /**
   * Registers everything (RFC 4171 5.6.5.1). The first time it replaces what an earlier life of the
   * target may have left; later it updates, so that initiators are not told of an end.
   */
  private Step register(Inventory wanted) {
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.text(Tag.ISCSI_NAME, wanted.source()));
    attributes.add(Attribute.text(Tag.ENTITY_IDENTIFIER, terms.entity));
    attributes.add(Attribute.empty(Tag.DELIMITER));
    attributes.add(Attribute.text(Tag.ENTITY_IDENTIFIER, terms.entity));
    attributes.add(Attribute.number(Tag.ENTITY_PROTOCOL, ISCSI));
    attributes.add(Attribute.number(Tag.REGISTRATION_PERIOD, terms.periodSeconds));
    wanted.portals().values().forEach(portal -> portal(attributes, portal));
    wanted.targets().values().forEach(target -> target(attributes, target, wanted));
    return new Step(
        new Message(Function.DEV_ATTR_REG, fresh, nextTransaction(), 0, attributes), wanted);
  }

  private void portal(List<Attribute> attributes, Inventory.Portal portal) {
    attributes.addAll(address(Tag.PORTAL_IP_ADDRESS, Tag.PORTAL_PORT, portal));
    attributes.add(Attribute.text(Tag.PORTAL_SYMBOLIC_NAME, portal.name()));
    Integer esiPort = esiPorts.get().get(portal.address().getAddress());
    if (inquiries && esiPort != null) {
      attributes.add(Attribute.number(Tag.ESI_INTERVAL, terms.esiSeconds));
      attributes.add(Attribute.number(Tag.ESI_PORT, esiPort));
    }
  }

  /** A Storage Node with its portal groups; a portal that it is not on gets none (5.6.5.1). */
  private static void target(
      List<Attribute> attributes, Inventory.Target target, Inventory wanted) {
    attributes.add(Attribute.text(Tag.ISCSI_NAME, target.name()));
    attributes.add(Attribute.number(Tag.ISCSI_NODE_TYPE, TARGET));
    if (!target.alias().isEmpty()) {
      attributes.add(Attribute.text(Tag.ISCSI_ALIAS, target.alias()));
    }
    wanted
        .portals()
        .forEach((key, portal) -> {
          Integer tag = target.groups().get(key);
          attributes.add(
              tag == null
                  ? Attribute.empty(Tag.PORTAL_GROUP_TAG)
                  : Attribute.number(Tag.PORTAL_GROUP_TAG, tag));
          attributes.addAll(address(Tag.PG_PORTAL_IP_ADDRESS, Tag.PG_PORTAL_PORT, portal));
        });
  }

  private static List<Attribute> address(int ipTag, int portTag, Inventory.Portal portal) {
    InetSocketAddress address = portal.address();
    return List.of(
        Attribute.address(ipTag, address.getAddress()),
        Attribute.number(portTag, address.getPort()));
  }

  private Message request(int function, List<Attribute> attributes) {
    return Message.request(function, nextTransaction(), attributes);
  }

  private int nextTransaction() {
    transaction = (transaction + 1) & 0xffff;
    return transaction;
  }
}
