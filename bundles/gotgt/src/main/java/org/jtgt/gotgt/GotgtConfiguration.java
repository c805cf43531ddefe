// SPDX-License-Identifier: Apache-2.0
package org.jtgt.gotgt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jtgt.admin.Change;

/**
 * What gotgt's configuration says, as changes. {@code deviceID} N is the store and logical unit
 * {@code gotgt-N}, {@code id} N of a portal is the portal {@code gotgt-N}.
 *
 * <p>gotgt's {@code null:} has no size and so no use; here it has 1 GiB, or what follows the colon.
 * An offline storage is a logical unit without its store, which answers NOT READY. What tunes
 * gotgt's own I/O engines has no counterpart and is allowed without effect.
 */
final class GotgtConfiguration {
  private static final String PREFIX = "gotgt-";
  private static final String NULL_SIZE = "1G";
  private static final int DEFAULT_PORT = 3260;
  private static final long MAX_LUN = 16_383;
  private static final long MAX_ID = 0xFFFF;
  private static final Set<String> STORAGE =
      Set.of(
          "deviceID",
          "path",
          "online",
          "thinProvisioning",
          "blockShift",
          "backendType",
          "enableNUMA",
          "numaNode",
          "ioUringQueueDepth");
  private static final Pattern PORTAL =
      Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+))(?::(\\d{1,5}))?");

  private final Path folder;
  private final Map<Long, String> devices = new TreeMap<>();
  private final Map<Long, Portal> portals = new LinkedHashMap<>();
  private final List<Change> stores = new ArrayList<>();
  private final List<Change> units = new ArrayList<>();
  private final List<Change> targets = new ArrayList<>();

  private static final class Portal {
    final String place;
    final String address;
    final int port;
    long tag;

    Portal(String place, String address, int port) {
      this.place = place;
      this.address = address;
      this.port = port;
    }
  }

  private GotgtConfiguration(Path folder) {
    this.folder = folder;
  }

  /**
   * The changes in the order stores, logical units, targets, portals.
   *
   * @param root the document
   * @param folder where relative paths begin
   * @throws WrongEntryException the first entry that is wrong
   */
  static List<Change> read(Node root, Path folder) throws WrongEntryException {
    var configuration = new GotgtConfiguration(folder);
    Node.ObjectNode document = root.object();
    document.allow(Set.of("storages", "iscsiportals", "iscsitargets", "performance"));
    for (Node storage : document.require("storages").array()) {
      configuration.storage(storage.object());
    }
    for (Node portal : document.require("iscsiportals").array()) {
      configuration.portal(portal.object());
    }
    for (Map.Entry<String, Node> target :
        document.require("iscsitargets").object().members().entrySet()) {
      configuration.target(target.getKey(), target.getValue().object());
    }
    return configuration.changes();
  }

  private List<Change> changes() {
    var changes = new ArrayList<>(stores);
    changes.addAll(units);
    changes.addAll(targets);
    portals.forEach((id, portal) -> {
      var values = new LinkedHashMap<String, String>();
      values.put("address", portal.address);
      values.put("port", Integer.toString(portal.port));
      if (portal.tag > 0) {
        values.put("tag", Long.toString(portal.tag));
      }
      changes.add(new Change.Declare("org.jtgt.iscsi.portal", PREFIX + id, values));
    });
    return changes;
  }

  private void storage(Node.ObjectNode storage) throws WrongEntryException {
    storage.allow(STORAGE);
    Node idNode = storage.require("deviceID");
    long id = idNode.number(0, Long.MAX_VALUE);
    String name = PREFIX + id;
    if (devices.put(id, name) != null) {
      throw new WrongEntryException(idNode.place(), "the deviceID " + id + " is taken");
    }
    boolean online = storage.get("online").isEmpty() || storage.get("online").get().bool();
    Change store = store(storage.require("path"), name);
    if (online) {
      stores.add(store);
    }
    var values = new LinkedHashMap<String, String>();
    values.put("store", name);
    values.put("blockSize", blockSize(storage));
    boolean thin =
        storage.get("thinProvisioning").isPresent() && storage.get("thinProvisioning").get().bool();
    values.put("thinProvisioning", Boolean.toString(thin));
    if (!online) {
      values.put("holdSeconds", "0");
    }
    units.add(new Change.Declare("org.jtgt.scsi.lu", name, values));
  }

  private Change store(Node pathNode, String name) throws WrongEntryException {
    String text = pathNode.text();
    int colon = text.indexOf(':');
    String scheme = text.startsWith("/") ? "file" : colon < 0 ? "" : text.substring(0, colon);
    String rest = text.startsWith("/") ? text : text.substring(colon + 1);
    return switch (scheme) {
      case "file" -> {
        if (rest.isEmpty()) {
          throw new WrongEntryException(pathNode.place(), "names no file; allowed: file:PATH");
        }
        Path path = folder.resolve(rest).normalize();
        if (!Files.exists(path)) {
          throw new WrongEntryException(
              pathNode.place(), "the file " + path + " does not exist; gotgt does not make it");
        }
        yield new Change.Declare("org.jtgt.backstore.file", name, Map.of("path", path.toString()));
      }
      case "null" ->
          new Change.Declare(
              "org.jtgt.backstore.null", name, Map.of("size", rest.isEmpty() ? NULL_SIZE : rest));
      default ->
          throw new WrongEntryException(
              pathNode.place(),
              "'" + text + "' is not allowed; allowed: file:PATH, null: or null:SIZE");
    };
  }

  private static String blockSize(Node.ObjectNode storage) throws WrongEntryException {
    if (storage.get("blockShift").isEmpty()) {
      return "512";
    }
    Node node = storage.get("blockShift").get();
    return switch ((int) node.number(0, 63)) {
      case 0, 9 -> "512";
      case 12 -> "4096";
      default ->
          throw new WrongEntryException(
              node.place(), "is not allowed; allowed: 9 (512 bytes) or 12 (4096 bytes)");
    };
  }

  private void portal(Node.ObjectNode portal) throws WrongEntryException {
    portal.allow(Set.of("id", "portal"));
    Node idNode = portal.require("id");
    long id = idNode.number(0, MAX_ID);
    Node addressNode = portal.require("portal");
    Matcher matcher = PORTAL.matcher(addressNode.text());
    if (!matcher.matches()) {
      throw new WrongEntryException(
          addressNode.place(),
          "'" + addressNode.text() + "' is not allowed; allowed: ADDRESS:PORT or [IPv6]:PORT");
    }
    String address = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    int port = matcher.group(3) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(3));
    var made = new Portal(addressNode.place(), address, port);
    for (Portal other : portals.values()) {
      if (other.address.equals(address) && other.port == port) {
        throw new WrongEntryException(
            addressNode.place(), "the address stands at " + other.place + " already");
      }
    }
    if (portals.put(id, made) != null) {
      throw new WrongEntryException(idNode.place(), "the id " + id + " is taken");
    }
  }

  private void target(String name, Node.ObjectNode target) throws WrongEntryException {
    target.allow(Set.of("tpgts", "luns"));
    var used = new ArrayList<String>();
    if (target.get("tpgts").isPresent()) {
      for (Map.Entry<String, Node> group :
          target.get("tpgts").get().object().members().entrySet()) {
        long tag = key(group, 1, MAX_ID);
        for (Node idNode : group.getValue().array()) {
          used.add(PREFIX + portalOfGroup(idNode, tag));
        }
      }
    }
    var luns = new ArrayList<String>();
    if (target.get("luns").isPresent()) {
      for (Map.Entry<String, Node> lun : target.get("luns").get().object().members().entrySet()) {
        long number = key(lun, 0, MAX_LUN);
        long device = lun.getValue().number(0, Long.MAX_VALUE);
        if (!devices.containsKey(device)) {
          throw new WrongEntryException(
              lun.getValue().place(),
              "no storage has the deviceID " + device + "; allowed: " + devices.keySet());
        }
        luns.add(number + ":" + devices.get(device));
      }
    }
    var values = new LinkedHashMap<String, String>();
    values.put("luns", String.join(",", luns));
    values.put("portals", String.join(",", used));
    targets.add(new Change.Declare("org.jtgt.scsi.target", name, values));
  }

  private long portalOfGroup(Node idNode, long tag) throws WrongEntryException {
    long id = idNode.number(0, MAX_ID);
    Portal portal = portals.get(id);
    if (portal == null) {
      throw new WrongEntryException(
          idNode.place(), "no portal has the id " + id + "; allowed: " + portals.keySet());
    }
    if (portal.tag != 0 && portal.tag != tag) {
      throw new WrongEntryException(
          idNode.place(),
          "portal "
              + id
              + " is in the portal group "
              + portal.tag
              + " already; here a portal is in one group for all targets");
    }
    portal.tag = tag;
    return id;
  }

  private static long key(Map.Entry<String, Node> member, long min, long max)
      throws WrongEntryException {
    String key = member.getKey();
    if (key.matches("\\d{1,5}") && Long.parseLong(key) >= min && Long.parseLong(key) <= max) {
      return Long.parseLong(key);
    }
    throw new WrongEntryException(
        member.getValue().place(),
        "the key '" + key + "' is not allowed; allowed: a number " + min + ".." + max);
  }
}
