// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.spi.AnnouncedTarget;
import org.jtgt.iscsi.spi.TargetDirectory;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The configured iSNS client; idle until a server is configured. */
@Component(
    service = StateSource.class,
    immediate = true,
    property = StateSource.KIND + "=isns",
    configurationPid = IsnsComponent.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    name = IsnsComponent.PID)
@Designate(ocd = IsnsConfig.class)
public final class IsnsComponent implements StateSource {
  static final String PID = "org.jtgt.isns";

  /** The registered port of iSNS (RFC 4171 2.1). */
  private static final int PORT = 3205;

  private final String server;
  private final @Nullable IsnsClient client;
  private final TargetDirectory.@Nullable Watch watch;

  /**
   * Begins to register.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public IsnsComponent(@Reference TargetDirectory directory, IsnsConfig config) {
    server = config.server().strip();
    if (server.isEmpty()) {
      client = null;
      watch = null;
      return;
    }
    List<Pattern> patterns = patterns(config.targets());
    Address address =
        address(server).orElseThrow(() -> new IllegalArgumentException(problem(server)));
    var terms =
        new Registration.Terms(
            config.entity().isEmpty() ? hostName() : config.entity(),
            bounded("registrationSeconds", config.registrationSeconds(), 3, 86400),
            bounded("esiSeconds", config.esiSeconds(), 0, 86400));
    var running =
        new IsnsClient(
            address.host(),
            address.port(),
            terms,
            bounded("esiPort", config.esiPort(), 0, 65535),
            reached -> Inventory.of(directory.targets(), t -> shown(t, patterns), reached));
    client = running;
    watch = directory.watch(running::changed);
    // Between the first look and the watch something may have come.
    running.changed();
  }

  @Deactivate
  void close() {
    if (watch != null && client != null) {
      watch.close();
      client.close();
    }
  }

  /** The server that a text names; empty when it is none. */
  static Optional<Address> address(String server) {
    return Address.parse(server, PORT);
  }

  /** What is wrong with a text that names no server. */
  static String problem(String server) {
    return "server: '" + server + "' is not allowed; allowed: HOST, HOST:PORT or [IPV6]:PORT";
  }

  private static int bounded(String key, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          key + ": " + value + " is not allowed; allowed: " + min + " to " + max);
    }
    return value;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("entity: this machine has no host name; give one", e);
    }
  }

  private static List<Pattern> patterns(String[] texts) {
    List<Pattern> patterns = new ArrayList<>();
    for (String text : texts) {
      if (!text.isBlank()) {
        String quoted = Pattern.quote(text.strip());
        patterns.add(
            Pattern.compile(
                quoted.replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q"), Pattern.CASE_INSENSITIVE));
      }
    }
    return List.copyOf(patterns);
  }

  private static boolean shown(AnnouncedTarget target, List<Pattern> patterns) {
    return patterns.isEmpty()
        || patterns.stream()
            .anyMatch(pattern ->
                pattern.matcher(target.name()).matches() || pattern.matcher(target.id()).matches());
  }

  @Override
  public String kind() {
    return "isns";
  }

  @Override
  public List<StateRow> rows() {
    Map<String, Object> values = new LinkedHashMap<>();
    if (client == null) {
      values.put("state", "idle");
      return List.of(new StateRow("isns", PID, values));
    }
    String reason = client.reason();
    values.put("state", reason.isEmpty() ? "registered" : "retrying");
    if (!reason.isEmpty()) {
      values.put("reason", reason);
    }
    values.put("server", server);
    values.put("targets", (long) client.known().targets().size());
    values.put("portals", (long) client.known().portals().size());
    return List.of(new StateRow("isns", PID, values));
  }
}
