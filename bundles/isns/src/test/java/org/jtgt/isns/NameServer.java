// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jtgt.isns.message.Attribute;
import org.jtgt.isns.message.Function;
import org.jtgt.isns.message.Message;
import org.jtgt.isns.message.Status;
import org.jtgt.isns.message.Tag;

/**
 * The database of an iSNS server as the text of RFC 4171 5.6.5 tells it, as far as targets use it.
 * It is strict about the order of attributes, and knows nothing of the client's classes.
 */
final class NameServer {
  /** An object in the database. */
  abstract static class Registered {
    final Map<Integer, Attribute> attributes = new TreeMap<>();

    /** An attribute that it has to have. */
    Attribute attribute(int tag) {
      return present(attributes, tag);
    }
  }

  static final class Portal extends Registered {}

  /** A storage node; portal group tags by "address port". */
  static final class Node extends Registered {
    final Map<String, Integer> groups = new TreeMap<>();
  }

  /** A network entity. */
  static final class Entity extends Registered {
    final Map<String, Portal> portals = new TreeMap<>();
    final Map<String, Node> nodes = new TreeMap<>();

    /** A portal that has to be there. */
    Portal portal(String address) {
      return present(portals, address);
    }

    /** A node that has to be there. */
    Node node(String name) {
      return present(nodes, name);
    }
  }

  final Map<String, Entity> entities = new TreeMap<>();
  final List<Message> received = new ArrayList<>();

  /** Answers of a server that is set up so; taken before its database is. */
  boolean offersInquiries = true;

  int period;
  int refuseNext;

  private static <K, V> V present(Map<K, V> map, K key) {
    return Objects.requireNonNull(map.get(key), () -> key + " is not among " + map.keySet());
  }

  /** An entity that has to be there. */
  Entity entity(String id) {
    return present(entities, id);
  }

  Message answer(Message request) {
    received.add(request);
    if (refuseNext != 0) {
      int status = refuseNext;
      refuseNext = 0;
      return request.response(status, List.of());
    }
    try {
      return switch (request.function()) {
        case Function.DEV_ATTR_REG -> register(request);
        case Function.DEV_ATTR_QRY -> query(request);
        case Function.DEV_DEREG -> deregister(request);
        default -> request.response(15, List.of());
      };
    } catch (IllegalArgumentException e) {
      return request.response(
          2, List.of(Attribute.text(Tag.ISCSI_ALIAS, String.valueOf(e.getMessage()))));
    }
  }

  /** All names, with portal group tags by portal. */
  Map<String, Map<String, Integer>> nodes() {
    Map<String, Map<String, Integer>> all = new TreeMap<>();
    for (Entity entity : entities.values()) {
      entity.nodes.forEach((name, node) -> all.put(name, node.groups));
    }
    return all;
  }

  private Optional<Entity> entityOf(String node) {
    return entities.values().stream().filter(e -> e.nodes.containsKey(node)).findFirst();
  }

  private static String source(Message request) {
    Attribute source = request.attributes().getFirst();
    require(source.tag() == Tag.ISCSI_NAME && !source.isEmpty(), "no source attribute");
    return source.asText();
  }

  private static List<Attribute> keys(Message request) {
    List<Attribute> keys = new ArrayList<>();
    for (Attribute attribute : request.attributes().subList(1, request.attributes().size())) {
      if (attribute.tag() == Tag.DELIMITER) {
        return keys;
      }
      keys.add(attribute);
    }
    throw new IllegalArgumentException("no delimiter");
  }

  private Message register(Message request) {
    List<Attribute> key = keys(request);
    require(key.size() == 1 && key.getFirst().tag() == Tag.ENTITY_IDENTIFIER, "key is no entity");
    String id = key.getFirst().asText();
    List<Attribute> operating = request.operating();
    require(operating.getFirst().equals(key.getFirst()), "the key is not among the attributes");
    Entity parsed = new Entity();
    parse(operating.subList(1, operating.size()), parsed);
    boolean asksInquiries =
        parsed.portals.values().stream().anyMatch(p -> p.attributes.containsKey(Tag.ESI_PORT));
    if (asksInquiries && !offersInquiries) {
      return request.response(Status.ESI_NOT_AVAILABLE, List.of());
    }
    Entity entity = entities.get(id);
    String source = source(request);
    boolean sourceKnown = entity != null && entity.nodes.containsKey(source);
    if (!sourceKnown && !parsed.nodes.containsKey(source)) {
      return request.response(Status.SOURCE_UNKNOWN, List.of());
    }
    if (entity == null || request.replace()) {
      entities.put(id, parsed);
    } else {
      entity.attributes.putAll(parsed.attributes);
      entity.portals.putAll(parsed.portals);
      entity.nodes.putAll(parsed.nodes);
    }
    List<Attribute> back = new ArrayList<>(key);
    back.add(Attribute.empty(Tag.DELIMITER));
    back.add(key.getFirst());
    if (period > 0) {
      back.add(Attribute.number(Tag.REGISTRATION_PERIOD, period));
    }
    return request.response(Status.SUCCESSFUL, back);
  }

  /** Entity attributes, then portals and nodes, keys before the rest of each (5.6.4). */
  private static void parse(List<Attribute> operating, Entity into) {
    Map<Integer, Attribute> current = into.attributes;
    Node node = null;
    Integer tag = null;
    boolean tagNull = false;
    for (int i = 0; i < operating.size(); i++) {
      Attribute attribute = operating.get(i);
      switch (attribute.tag()) {
        case Tag.ENTITY_PROTOCOL, Tag.REGISTRATION_PERIOD -> {
          require(current == into.attributes, "an entity's attribute behind another object");
          current.put(attribute.tag(), attribute);
        }
        case Tag.PORTAL_IP_ADDRESS -> {
          Attribute port = operating.get(++i);
          require(port.tag() == Tag.PORTAL_PORT, "a portal without port");
          Portal portal = new Portal();
          require(
              into.portals.put(address(attribute, port), portal) == null, "a portal comes twice");
          current = portal.attributes;
          node = null;
        }
        case Tag.PORTAL_SYMBOLIC_NAME, Tag.ESI_INTERVAL, Tag.ESI_PORT -> {
          require(node == null && current != into.attributes, "a portal's attribute elsewhere");
          current.put(attribute.tag(), attribute);
        }
        case Tag.ISCSI_NAME -> {
          node = new Node();
          require(into.nodes.put(attribute.asText(), node) == null, "a node comes twice");
          current = node.attributes;
          tag = null;
          tagNull = false;
        }
        case Tag.ISCSI_NODE_TYPE, Tag.ISCSI_ALIAS -> {
          require(node != null && tag == null && !tagNull, "a node's attribute elsewhere");
          current.put(attribute.tag(), attribute);
        }
        case Tag.PORTAL_GROUP_TAG -> {
          require(node != null, "a portal group tag of no node");
          tagNull = attribute.isEmpty();
          tag = tagNull ? null : attribute.asNumber();
        }
        case Tag.PG_PORTAL_IP_ADDRESS -> {
          Attribute port = operating.get(++i);
          require(port.tag() == Tag.PG_PORTAL_PORT, "a portal group's portal without port");
          require(node != null && (tag != null || tagNull), "a portal group without tag");
          if (node != null && tag != null) {
            node.groups.put(address(attribute, port), tag);
          }
        }
        default -> throw new IllegalArgumentException("attribute " + attribute.tag());
      }
    }
    require(!into.nodes.isEmpty() || !into.portals.isEmpty(), "an entity without anything");
  }

  private static String address(Attribute ip, Attribute port) {
    try {
      return InetAddress.getByAddress(ip.value()).getHostAddress() + ' ' + port.asNumber();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + ip.value().length + " bytes", e);
    }
  }

  private Message query(Message request) {
    if (entityOf(source(request)).isEmpty()) {
      return request.response(Status.SOURCE_UNKNOWN, List.of());
    }
    List<Attribute> back = new ArrayList<>(keys(request));
    back.add(Attribute.empty(Tag.DELIMITER));
    if (entities.containsKey(keys(request).getFirst().asText())) {
      back.add(keys(request).getFirst());
    }
    return request.response(Status.SUCCESSFUL, back);
  }

  private Message deregister(Message request) {
    require(keys(request).isEmpty(), "DevDereg has no message key");
    Entity entity = entityOf(source(request)).orElse(null);
    if (entity == null) {
      return request.response(Status.SOURCE_UNKNOWN, List.of());
    }
    List<Attribute> operating = request.operating();
    for (int i = 0; i < operating.size(); i++) {
      Attribute attribute = operating.get(i);
      switch (attribute.tag()) {
        case Tag.ENTITY_IDENTIFIER -> entities.remove(attribute.asText());
        case Tag.ISCSI_NAME -> entity.nodes.remove(attribute.asText());
        case Tag.PORTAL_IP_ADDRESS -> entity.portals.remove(address(attribute, operating.get(++i)));
        default -> throw new IllegalArgumentException("attribute " + attribute.tag());
      }
    }
    if (entity.nodes.isEmpty() && entity.portals.isEmpty()) {
      entities.values().remove(entity);
    }
    return request.response(Status.SUCCESSFUL, List.of());
  }

  /** The functions of the requests that came, in order. */
  List<Integer> functions() {
    return received.stream().map(Message::function).toList();
  }

  /** Portals of an entity, all there are. */
  TreeSet<String> portals() {
    TreeSet<String> all = new TreeSet<>();
    entities.values().forEach(entity -> all.addAll(entity.portals.keySet()));
    return all;
  }

  /** Everything that is known, in words. */
  @Override
  public String toString() {
    Map<String, Object> all = new LinkedHashMap<>();
    entities.forEach((id, entity) -> all.put(id, entity.nodes.keySet() + " " + portals()));
    return all.toString();
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
