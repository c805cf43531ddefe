// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.jtgt.scsi.device.UnitAttention;

/** The task management functions (SAM-5 clause 7), each with all of its effects. */
final class TaskManagement {
  private TaskManagement() {}

  /**
   * Carries a function out.
   *
   * @param path the logical unit addressed; null when none is mapped there
   */
  static void manage(
      Nexus nexus,
      TaskManagementFunction function,
      @Nullable Path path,
      long tag,
      Consumer<TaskManagementResponse> answer) {
    switch (function) {
      case I_T_NEXUS_RESET -> nexusReset(nexus, answer);
      case TARGET_RESET -> targetReset(nexus, answer);
      case ABORT_TASK,
          ABORT_TASK_SET,
          CLEAR_ACA,
          CLEAR_TASK_SET,
          LOGICAL_UNIT_RESET,
          QUERY_TASK,
          QUERY_TASK_SET,
          QUERY_ASYNCHRONOUS_EVENT -> {
        if (path == null) {
          answer.accept(TaskManagementResponse.INCORRECT_LOGICAL_UNIT_NUMBER);
        } else {
          onUnit(function, path, tag, answer);
        }
      }
    }
  }

  private static void onUnit(
      TaskManagementFunction function,
      Path path,
      long tag,
      Consumer<TaskManagementResponse> answer) {
    LogicalUnit unit = path.unit();
    switch (function) {
      case ABORT_TASK -> abortTask(path, tag, answer);
      case ABORT_TASK_SET ->
          abort(path.nexus(), List.of(unit), task -> task.path() == path, done(answer));
      case CLEAR_ACA -> {
        unit.clearAca(nexus -> nexus == path.nexus());
        answer.accept(TaskManagementResponse.FUNCTION_COMPLETE);
      }
      case CLEAR_TASK_SET -> {
        AbortGroup group = new AbortGroup(done(answer));
        unit.abort(task -> true, path.nexus(), group).tellSilenced();
        group.arrived();
        watch(group, path.nexus(), List.of(unit));
      }
      case LOGICAL_UNIT_RESET -> {
        abort(path.nexus(), List.of(unit), task -> true, done(answer), unit::reset);
      }
      case QUERY_TASK -> found(unit.tasks().contains(task -> isTask(task, path, tag)), answer);
      case QUERY_TASK_SET ->
          found(unit.tasks().contains(task -> task.path() == path && !task.isOverdue()), answer);
      case QUERY_ASYNCHRONOUS_EVENT -> found(path.hasAttention(), answer);
      case I_T_NEXUS_RESET, TARGET_RESET ->
          throw new IllegalArgumentException(function + " concerns no single unit");
    }
  }

  /** Whether it is the task that a tag means: one that has its answer has none any more. */
  private static boolean isTask(EngineTask task, Path path, long tag) {
    return task.path() == path && task.tag() == tag && !task.isOverdue();
  }

  private static void abortTask(Path path, long tag, Consumer<TaskManagementResponse> answer) {
    boolean[] found = new boolean[1];
    abort(
        path.nexus(),
        List.of(path.unit()),
        task -> {
          boolean it = isTask(task, path, tag);
          found[0] |= it;
          return it;
        },
        () ->
            answer.accept(
                found[0]
                    ? TaskManagementResponse.FUNCTION_COMPLETE
                    : TaskManagementResponse.TASK_DOES_NOT_EXIST));
  }

  private static void nexusReset(Nexus nexus, Consumer<TaskManagementResponse> answer) {
    List<Path> paths = nexus.paths();
    abort(nexus, units(paths), task -> task.path().nexus() == nexus, done(answer));
    paths.forEach(path -> {
      path.unit().clearAca(faulted -> faulted == nexus);
      path.unit().reservations().releaseUnit(nexus.registrant());
      path.unit().deviceServer().nexusLost(nexus.registrant());
      path.establish(UnitAttention.NEXUS_LOSS);
    });
  }

  private static void targetReset(Nexus nexus, Consumer<TaskManagementResponse> answer) {
    Collection<LogicalUnit> units = units(nexus.paths());
    abort(nexus, units, task -> true, done(answer), () -> units.forEach(LogicalUnit::reset));
  }

  private static Set<LogicalUnit> units(Collection<Path> paths) {
    Set<LogicalUnit> units = new LinkedHashSet<>();
    paths.forEach(path -> units.add(path.unit()));
    return units;
  }

  private static void found(boolean found, Consumer<TaskManagementResponse> answer) {
    answer.accept(
        found
            ? TaskManagementResponse.FUNCTION_SUCCEEDED
            : TaskManagementResponse.FUNCTION_COMPLETE);
  }

  private static Runnable done(Consumer<TaskManagementResponse> answer) {
    return () -> answer.accept(TaskManagementResponse.FUNCTION_COMPLETE);
  }

  /** Aborts tasks; {@code ended} runs after the last of them. */
  static void abort(
      Nexus by, Collection<LogicalUnit> units, Predicate<EngineTask> which, Runnable ended) {
    abort(by, units, which, ended, () -> {});
  }

  /**
   * Aborts tasks; {@code meanwhile} runs before {@code ended}, which comes after the last of them.
   */
  private static void abort(
      Nexus by,
      Collection<LogicalUnit> units,
      Predicate<EngineTask> which,
      Runnable ended,
      Runnable meanwhile) {
    AbortGroup group = new AbortGroup(ended);
    for (LogicalUnit unit : units) {
      unit.abort(which, by, group);
    }
    meanwhile.run();
    group.arrived();
    watch(group, by, units);
  }

  private static void watch(AbortGroup group, Nexus by, Collection<LogicalUnit> units) {
    by.device().stuckAborts().watch(group, by, units);
  }
}
