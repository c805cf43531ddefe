// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Reads from Service Component Runtime how the components of configurations are. */
final class Components {
  private static final String WRAPPER = "java.lang.reflect.InvocationTargetException";

  private final ServiceComponentRuntime runtime;

  Components(ServiceComponentRuntime runtime) {
    this.runtime = runtime;
  }

  /** Condition by PID of the configuration. The worst counts when several components share one. */
  Map<String, Condition> conditions() {
    var conditions = new HashMap<String, Condition>();
    for (ComponentDescriptionDTO description : runtime.getComponentDescriptionDTOs()) {
      for (ComponentConfigurationDTO component :
          runtime.getComponentConfigurationDTOs(description)) {
        for (String pid : pids(component.properties.get(Constants.SERVICE_PID))) {
          conditions.merge(
              pid,
              condition(description, component),
              (a, b) -> a.failed() || b.state().equals(Condition.ACTIVE) ? a : b);
        }
      }
    }
    return conditions;
  }

  /**
   * How the component of a changed configuration is; empty as long as it may not have taken the
   * change over. SCR does so later than the change is stored, on a thread of its own, and a
   * component of its old values may first have to end.
   */
  Optional<Condition> after(Entry before, Entry now) {
    for (ComponentDescriptionDTO description : runtime.getComponentDescriptionDTOs()) {
      for (ComponentConfigurationDTO component :
          runtime.getComponentConfigurationDTOs(description)) {
        if (pids(component.properties.get(Constants.SERVICE_PID)).contains(now.pid())) {
          return hasTaken(description, component, before, now)
              ? Optional.of(condition(description, component))
              : Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static boolean hasTaken(
      ComponentDescriptionDTO description,
      ComponentConfigurationDTO component,
      Entry before,
      Entry now) {
    if (!show(component.properties, before, now)) {
      return false;
    }
    return switch (component.state) {
      case ComponentConfigurationDTO.ACTIVE -> serviceShows(description, component, before, now);
      case ComponentConfigurationDTO.SATISFIED ->
          !description.immediate && serviceShows(description, component, before, now);
      default -> true;
    };
  }

  /** A modified method runs, and an old component ends, before the service has the new values. */
  private static boolean serviceShows(
      ComponentDescriptionDTO description,
      ComponentConfigurationDTO component,
      Entry before,
      Entry now) {
    return description.serviceInterfaces.length == 0
        || (component.service != null && show(component.service.properties, before, now));
  }

  private static boolean show(Map<String, Object> properties, Entry before, Entry now) {
    return now.values().entrySet().stream()
            .allMatch(value -> Objects.deepEquals(value.getValue(), properties.get(value.getKey())))
        && before.values().entrySet().stream()
            .filter(value -> !now.values().containsKey(value.getKey()))
            .noneMatch(
                value -> Objects.deepEquals(value.getValue(), properties.get(value.getKey())));
  }

  static List<String> pids(@Nullable Object property) {
    return switch (property) {
      case null -> List.of();
      case String pid -> List.of(pid);
      case String[] several -> Arrays.asList(several);
      case Collection<?> several -> several.stream().map(String::valueOf).toList();
      default -> List.of();
    };
  }

  private static Condition condition(
      ComponentDescriptionDTO description, ComponentConfigurationDTO component) {
    return switch (component.state) {
      case ComponentConfigurationDTO.ACTIVE -> new Condition(Condition.ACTIVE, "");
      case ComponentConfigurationDTO.SATISFIED -> new Condition(Condition.IDLE, "");
      case ComponentConfigurationDTO.FAILED_ACTIVATION ->
          new Condition(Condition.FAILED, reason(component.failure));
      case ComponentConfigurationDTO.UNSATISFIED_REFERENCE ->
          new Condition(Condition.WAITING, "no service for " + unsatisfied(description, component));
      default -> new Condition(Condition.WAITING, "its configuration is not complete");
    };
  }

  private static String unsatisfied(
      ComponentDescriptionDTO description, ComponentConfigurationDTO component) {
    Map<String, String> interfaces =
        Arrays.stream(description.references)
            .collect(Collectors.toMap(r -> r.name, (ReferenceDTO r) -> r.interfaceName));
    return Arrays.stream(component.unsatisfiedReferences)
        .map((UnsatisfiedReferenceDTO r) ->
            interfaces.getOrDefault(r.name, r.name) + (r.target == null ? "" : " " + r.target))
        .collect(Collectors.joining(", "));
  }

  /**
   * The message of the exception that the component threw, from the stack trace that SCR keeps. SCR
   * calls constructors and methods by reflection, which wraps it.
   */
  static String reason(@Nullable String failure) {
    if (failure == null || failure.isBlank()) {
      return "activation failed";
    }
    String line =
        failure
            .strip()
            .lines()
            .filter(text -> !text.startsWith("\t") && !text.contains(WRAPPER))
            .findFirst()
            .orElse(failure.strip().lines().findFirst().orElse(failure));
    String exception = line.strip().replaceFirst("^Caused by: ", "");
    String message = exception.replaceFirst("^[\\w.$]+: ", "");
    return message.isEmpty() ? exception : message;
  }
}
