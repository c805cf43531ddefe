// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.NullUnmarked;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Configuration Admin in memory, with what the administration uses of it. */
@NullUnmarked // as the API that it stands for
final class FakeConfigurationAdmin {
  private static final class Record {
    final String pid;
    final String factoryPid;
    String location = "";
    Hashtable<String, Object> properties;

    Record(String pid, String factoryPid) {
      this.pid = pid;
      this.factoryPid = factoryPid;
    }
  }

  /** The filters of the lists that were asked for, in their order. */
  final List<Optional<String>> lists = new ArrayList<>();

  private final Map<String, Record> records = new LinkedHashMap<>();
  private Optional<String> failing = Optional.empty();
  private Consumer<String> change = pid -> {};
  private boolean unreadable;
  private int changesUntilCrash = Integer.MAX_VALUE;

  /** What ends a process in the middle: nothing after it is carried out. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1;
  }

  /** Storing that PID fails from now on. */
  void failOn(String pid) {
    failing = Optional.of(pid);
  }

  /** Storing goes well again. */
  void failOnNothing() {
    failing = Optional.empty();
  }

  /** Whether reading fails. */
  void unreadable(boolean is) {
    unreadable = is;
  }

  /** After so many more changes the process ends. */
  void crashAfter(int changes) {
    changesUntilCrash = changes;
  }

  /** Another process goes on with what is stored. */
  void restart() {
    changesUntilCrash = Integer.MAX_VALUE;
  }

  boolean crashed() {
    return changesUntilCrash < 0;
  }

  private void live() {
    if (changesUntilCrash <= 0) {
      changesUntilCrash = -1;
      throw new Crash();
    }
    changesUntilCrash--;
  }

  /** All configurations, comparable: their PIDs, and each value as its type and text. */
  synchronized Map<String, Map<String, String>> all() {
    var all = new TreeMap<String, Map<String, String>>();
    records.keySet().stream()
        .filter(this::exists)
        .forEach(pid -> {
          var texts = new TreeMap<String, String>();
          properties(pid)
              .forEach((key, value) ->
                  texts.put(key, value.getClass().getSimpleName() + " " + Entry.textOf(value)));
          all.put(pid, texts);
        });
    return all;
  }

  synchronized Map<String, Object> properties(String pid) {
    Record found = records.get(pid);
    return found == null || found.properties == null ? Map.of() : Map.copyOf(found.properties);
  }

  synchronized boolean exists(String pid) {
    return records.containsKey(pid) && records.get(pid).properties != null;
  }

  synchronized int count() {
    return (int) records.values().stream().filter(r -> r.properties != null).count();
  }

  /** What another program writes. */
  synchronized void put(String factoryPid, String name, Map<String, Object> properties) {
    String pid = factoryPid + "~" + name;
    Record made = records.computeIfAbsent(pid, p -> new Record(p, factoryPid));
    made.properties = new Hashtable<>(properties);
    change.accept(pid);
  }

  /** Another program deletes one. */
  synchronized void remove(String pid) {
    records.remove(pid);
    change.accept(pid);
  }

  /** Is told the PID of each configuration that is changed or deleted. */
  void onChange(Consumer<String> action) {
    change = action;
  }

  ConfigurationAdmin service() {
    return (ConfigurationAdmin)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ConfigurationAdmin.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "listConfigurations" -> list((String) arguments[0]);
                  case "getFactoryConfiguration" ->
                      get(arguments[0] + "~" + arguments[1], (String) arguments[0]);
                  case "getConfiguration" -> get((String) arguments[0], null);
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  private synchronized Configuration[] list(String filter)
      throws IOException, InvalidSyntaxException {
    lists.add(Optional.ofNullable(filter));
    if (unreadable) {
      throw new IOException("input/output error");
    }
    Filter wanted = FrameworkUtil.createFilter(filter == null ? "(service.pid=*)" : filter);
    return records.values().stream()
        .filter(r -> r.properties != null)
        .filter(r -> wanted.matches(Map.of("service.pid", r.pid)))
        .map(this::configuration)
        .toArray(Configuration[]::new);
  }

  private synchronized Configuration get(String pid, String factoryPid) {
    return configuration(records.computeIfAbsent(pid, p -> new Record(p, factoryPid)));
  }

  private Configuration configuration(Record of) {
    return (Configuration)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Configuration.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getPid" -> of.pid;
                  case "getFactoryPid" -> of.factoryPid;
                  case "getProperties" -> of.properties;
                  case "getBundleLocation" -> of.location;
                  case "setBundleLocation" -> {
                    of.location = (String) arguments[0];
                    yield null;
                  }
                  case "update" -> update(of, (Dictionary<?, ?>) arguments[0]);
                  case "delete" -> delete(of);
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  private synchronized Object update(Record of, Dictionary<?, ?> properties) throws IOException {
    live();
    if (failing.filter(of.pid::equals).isPresent()) {
      throw new IOException("no space left on device");
    }
    of.properties = new Hashtable<>();
    for (Object key : Collections.list(properties.keys())) {
      of.properties.put((String) key, properties.get(key));
    }
    of.properties.put("service.pid", of.pid);
    change.accept(of.pid);
    return null;
  }

  private synchronized Object delete(Record of) {
    live();
    remove(of.pid);
    return null;
  }
}
