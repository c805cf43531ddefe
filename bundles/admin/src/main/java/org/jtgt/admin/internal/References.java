// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;

/**
 * What Metatype cannot say: forms of sizes, names and LUN maps, uniqueness, and references between
 * objects. A reference to an object that is not there yet is a warning, since objects come in any
 * order.
 */
final class References {
  /** Largest LUN of the flat space addressing method (SAM-5 4.7.7.4). */
  private static final int MAX_LUN = 16_383;

  private static final Pattern NAA = Pattern.compile("[0-9A-Fa-f]{16}");
  private static final Pattern WORDS = Pattern.compile("[*?]|[^*?]+");

  private final Model model;
  private final List<String> warnings;

  /**
   * @param model all configurations, with the one to check
   * @param warnings takes what is allowed but perhaps not meant
   */
  References(Model model, List<String> warnings) {
    this.model = model;
    this.warnings = warnings;
  }

  /**
   * @throws AdminException the first thing that is wrong
   */
  void check(Entry entry) {
    switch (entry.category()) {
      case STORE -> {
        size(entry, "size");
        model
            .of(Category.STORE)
            .filter(other -> other.name().equals(entry.name()) && !other.pid().equals(entry.pid()))
            .findFirst()
            .ifPresent(other -> {
              throw new AdminException(
                  Problem.EXISTS,
                  entry.pid(),
                  "",
                  entry.name(),
                  "a store '" + entry.name() + "' exists already as " + other.pid());
            });
        new Stacks(model).checkStore(entry, warnings);
      }
      case LU -> lu(entry);
      case TARGET -> target(entry);
      case PORTAL -> portal(entry);
      case LOGIN -> login(entry);
      case PORTGROUP -> unique(entry, "id", entry.text("id"), other -> other.text("id"));
      case SETTINGS -> size(entry, "transferBudget");
      case OTHER -> {}
    }
  }

  private void size(Entry entry, String key) {
    String text = entry.text(key);
    if (!text.isEmpty() && Sizes.parse(text).isEmpty()) {
      throw bad(entry, key, text, "is no size; allowed: " + Sizes.ALLOWED);
    }
  }

  private void lu(Entry lu) {
    String store = lu.text("store");
    model
        .of(Category.LU)
        .filter(other -> other.name().equals(lu.name()) && !other.pid().equals(lu.pid()))
        .findFirst()
        .ifPresent(other -> {
          throw new AdminException(
              Problem.EXISTS,
              lu.pid(),
              "",
              lu.name(),
              "a logical unit '" + lu.name() + "' exists already as " + other.pid());
        });
    if (!store.isEmpty() && model.get(Category.STORE, store).isEmpty()) {
      warnings.add(
          lu.pid() + ": store: there is no store '" + store + "' yet; the LU waits for it");
    }
    new Stacks(model).checkUnit(lu, warnings);
    String naa = lu.text("naa");
    if (!naa.isEmpty() && !NAA.matcher(naa).matches()) {
      throw bad(lu, "naa", naa, "is not allowed; allowed: 16 hex digits");
    }
    unique(lu, "naa", naa, other -> other.text("naa"));
    unique(lu, "serial", lu.text("serial"), other -> other.text("serial"));
  }

  private void target(Entry target) {
    String name = target.text("name");
    if (!name.isEmpty()) {
      Names.iscsiNameProblem(name)
          .ifPresent(problem -> {
            throw bad(target, "name", name, problem);
          });
    }
    unique(target, "name", Model.targetName(target), Model::targetName);
    luns(target);
    portals(target);
  }

  private void luns(Entry target) {
    var luns = new HashSet<Integer>();
    for (String item : target.list("luns")) {
      LunMapping mapping =
          LunMapping.parse(item)
              .filter(m -> m.lun() <= MAX_LUN)
              .orElseThrow(() ->
                  bad(
                      target,
                      "luns",
                      item,
                      "is no LUN mapping; allowed: LUN:NAME with a LUN of 0.."
                          + MAX_LUN
                          + " and a logical unit's name, as in 0:disk0"));
      if (!luns.add(mapping.lun())) {
        throw bad(target, "luns", item, "maps LUN " + mapping.lun() + " a second time");
      }
      mapped(target, mapping);
    }
  }

  private void mapped(Entry entry, LunMapping mapping) {
    if (model.get(Category.LU, mapping.lu()).isEmpty()) {
      warnings.add(
          entry.pid()
              + ": luns: there is no LU '"
              + mapping.lu()
              + "' yet; LUN "
              + mapping.lun()
              + " appears with it");
    }
  }

  private void portals(Entry entry) {
    for (String portal : entry.list("portals")) {
      if (!pattern(portal) && model.get(Category.PORTAL, portal).isEmpty()) {
        warnings.add(entry.pid() + ": portals: there is no portal '" + portal + "' yet");
      }
    }
  }

  /**
   * An account, access rule or policy: what it names may be a pattern, or an iSCSI name. A wrong
   * LUN map is not refused here: the rule then shuts its target, while a rule that is refused would
   * leave it open.
   */
  private void login(Entry entry) {
    for (String target : entry.list("targets")) {
      if (!pattern(target) && model.of(Category.TARGET).noneMatch(t -> named(target, t))) {
        warnings.add(entry.pid() + ": targets: there is no target '" + target + "' yet");
      }
    }
    LunMapping.of(entry).forEach(mapping -> mapped(entry, mapping));
    portals(entry);
  }

  /** Whether an account, access rule or policy is about a target. */
  static boolean about(Entry entry, Entry target) {
    return entry.list("targets").stream().anyMatch(name -> named(name, target));
  }

  /** By its name or iSCSI name, in any case; {@code *} and {@code ?} stand for others. */
  private static boolean named(String name, Entry target) {
    String regex =
        WORDS
            .matcher(name)
            .replaceAll(part ->
                switch (part.group()) {
                  case "*" -> ".*";
                  case "?" -> ".";
                  default -> Matcher.quoteReplacement(Pattern.quote(part.group()));
                });
    return Stream.of(target.name(), Model.targetName(target))
        .anyMatch(
            Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                .asMatchPredicate());
  }

  private static boolean pattern(String name) {
    return name.indexOf('*') >= 0 || name.indexOf('?') >= 0;
  }

  private void portal(Entry portal) {
    String address = portal.text("address");
    if (!address.isEmpty() && literal(address).isEmpty()) {
      throw bad(
          portal,
          "address",
          address,
          "is not allowed; allowed: an IPv4 or IPv6 address, 0.0.0.0 or :: for all");
    }
    unique(portal, "port", endpoint(portal), References::endpoint);
  }

  private static String endpoint(Entry portal) {
    String address = portal.text("address").isEmpty() ? "127.0.0.1" : portal.text("address");
    String port = portal.text("port").isEmpty() ? "3260" : portal.text("port");
    return literal(address).map(InetAddress::getHostAddress).orElse(address) + " port " + port;
  }

  private static Optional<InetAddress> literal(String address) {
    try {
      return Optional.of(InetAddress.ofLiteral(address));
    } catch (IllegalArgumentException noLiteral) {
      return Optional.empty();
    }
  }

  private void unique(Entry entry, String key, String value, Function<Entry, String> of) {
    if (value.isEmpty()) {
      return;
    }
    model
        .of(entry.category())
        .filter(other -> !other.pid().equals(entry.pid()))
        .filter(other -> Objects.equals(of.apply(other), value))
        .findFirst()
        .ifPresent(other -> {
          throw bad(entry, key, value, "is taken by " + other.pid());
        });
  }

  private static AdminException bad(Entry entry, String key, String value, String what) {
    return new AdminException(
        Problem.BAD_VALUE, entry.pid(), key, value, Validator.quoted(value) + " " + what);
  }

  /** What uses the object by its configuration, in words. */
  static List<String> users(Model model, Entry entry) {
    var users = new ArrayList<String>();
    switch (entry.category()) {
      case STORE -> {
        model
            .of(Category.LU)
            .filter(lu -> lu.text("store").equals(entry.name()))
            .forEach(lu -> users.add("lu " + lu.name()));
        new Stacks(model).on(entry.name()).forEach(above -> users.add("store " + above.name()));
      }
      case LU ->
          Stream.concat(model.of(Category.TARGET), model.of(Category.LOGIN))
              .forEach(user ->
                  LunMapping.of(user)
                      .filter(mapping -> mapping.lu().equals(entry.name()))
                      .forEach(mapping ->
                          users.add(
                              Categories.lastSegment(user.typePid())
                                  + " "
                                  + user.name()
                                  + " LUN "
                                  + mapping.lun())));
      case TARGET, PORTAL, PORTGROUP, LOGIN, SETTINGS, OTHER -> {}
    }
    return users;
  }
}
