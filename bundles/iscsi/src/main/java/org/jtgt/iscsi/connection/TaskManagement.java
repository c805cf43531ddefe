// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;
import org.jtgt.iscsi.pdu.TargetPdu.TaskManagementFunctionResponse;
import org.jtgt.iscsi.session.CommandWindow;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;

/**
 * Task management functions (RFC 7143 11.5, 11.6; RFC 7144 6): what the engine decides goes to the
 * nexus, what only the transport knows is answered here.
 *
 * <p>Thread rules: the loop; the engine's answers come by any thread.
 */
final class TaskManagement {
  private static final int ABORT_TASK = 1;
  private static final int TARGET_COLD_RESET = 7;
  private static final int TASK_REASSIGN = 8;

  /** Functions on all commands of a logical unit, or more. */
  private static final Set<TaskManagementFunction> MANY_TASKS =
      EnumSet.of(
          TaskManagementFunction.ABORT_TASK_SET,
          TaskManagementFunction.CLEAR_TASK_SET,
          TaskManagementFunction.LOGICAL_UNIT_RESET,
          TaskManagementFunction.TARGET_RESET,
          TaskManagementFunction.I_T_NEXUS_RESET);

  /** The functions of RFC 7144 need this iSCSIProtocolLevel (RFC 7144 7.1.1). */
  private static final int RFC_7144_LEVEL = 2;

  /** Functions that the engine has not answered; more than an initiator has use for. */
  private static final int MOST_PENDING = 128;

  private final FullFeature connection;
  private final OpenSession open;
  private final ScsiCommands commands;
  private final CommandWindow<HeldCommand> window;
  private final Nexus nexus;
  private final int protocolLevel;
  private int pending;

  TaskManagement(
      FullFeature connection,
      OpenSession open,
      ScsiCommands commands,
      Nexus nexus,
      int protocolLevel) {
    this.connection = connection;
    this.open = open;
    this.commands = commands;
    this.window = open.window();
    this.nexus = nexus;
    this.protocolLevel = protocolLevel;
  }

  /** Carries a request out; its response follows when the function is done. */
  void request(Bhs header) {
    int function = header.flags() & 0x7f;
    int itt = header.initiatorTaskTag();
    if (function == TASK_REASSIGN) {
      reassign(header);
      return;
    }
    Optional<TaskManagementFunction> known = function(function);
    if (known.isEmpty()) {
      respond(itt, TaskManagementFunctionResponse.FUNCTION_NOT_SUPPORTED);
      return;
    }
    if (open.waiting().full() || pending >= MOST_PENDING) {
      connection.reject(
          header.immediate()
              ? RejectReason.IMMEDIATE_COMMAND_REJECT
              : RejectReason.OUT_OF_RESOURCES,
          header,
          "too many waiting functions");
      return;
    }
    if (function == ABORT_TASK && open.find(header.referencedTaskTag()) == null) {
      abortUnknown(header);
      return;
    }
    if (function == ABORT_TASK) {
      forgetUnacknowledged(header.referencedTaskTag());
    }
    long lun = header.lun();
    long tag = header.referencedTaskTag() & 0xffffffffL;
    boolean coldReset = function == TARGET_COLD_RESET;
    boolean manyTasks = MANY_TASKS.contains(known.get());
    Runnable manage =
        () ->
            nexus.manage(
                known.get(),
                lun,
                tag,
                answer ->
                    answered(
                        itt,
                        answer,
                        coldReset,
                        manyTasks,
                        known.get() == TaskManagementFunction.QUERY_ASYNCHRONOUS_EVENT
                            ? nexus.asynchronousEvent(lun)
                            : 0));
    pending++;
    if (known.get() == TaskManagementFunction.TARGET_RESET) {
      // Commands that have not come yet count as received (RFC 7143 4.2.3.3).
      plug(header.cmdSn());
    }
    if (manyTasks) {
      // It is about every command before it, and some may come on other connections.
      open.waiting().untilDelivered(connection, header.cmdSn(), manage);
    } else {
      manage.run();
    }
  }

  private void plug(int cmdSn) {
    for (int sn = window.expCmdSn(); window.contains(sn) && CommandWindow.before(sn, cmdSn); sn++) {
      if (window.heldAt(sn) == null) {
        window.skip(sn);
      }
    }
    open.deliverHeld();
  }

  /** A task whose status is out, though not acknowledged, has ended for the engine. */
  private void forgetUnacknowledged(int initiatorTaskTag) {
    ScsiTask task = open.find(initiatorTaskTag);
    if (task != null && task.answer() != ScsiTask.Answer.PENDING) {
      task.owner().acknowledged(initiatorTaskTag);
    }
  }

  /** TASK REASSIGN (RFC 7143 7.2.2, 11.5.1): the connection carries a task of another one on. */
  private void reassign(Bhs header) {
    int itt = header.initiatorTaskTag();
    int referenced = header.referencedTaskTag();
    if (open.parameters().errorRecoveryLevel() < 2) {
      respond(itt, TaskManagementFunctionResponse.REASSIGNMENT_NOT_SUPPORTED);
      return;
    }
    FullFeature old = open.failed().holding(referenced);
    if (old == null) {
      respond(
          itt,
          open.find(referenced) == null
              ? TaskManagementFunctionResponse.TASK_DOES_NOT_EXIST
              : TaskManagementFunctionResponse.TASK_STILL_ALLEGIANT);
    } else if (!open.failed().isLoggedOut(old)) {
      respond(itt, TaskManagementFunctionResponse.TASK_STILL_ALLEGIANT);
    } else {
      // The new allegiance holds from the response on (RFC 7143 11.6).
      respond(itt, TaskManagementFunctionResponse.FUNCTION_COMPLETE);
      byte[] answer = old.takeAnswer(referenced);
      ScsiTask task = old.find(referenced);
      if (task != null) {
        commands.adopt(task, header.expDataSn());
      } else if (answer != null) {
        connection.sendAnew(answer);
      }
    }
  }

  /** ABORT TASK for a command that is not here, or not yet (RFC 7143 11.6.1). */
  private void abortUnknown(Bhs header) {
    int itt = header.initiatorTaskTag();
    int refCmdSn = header.refCmdSn();
    boolean beforeThis = CommandWindow.before(refCmdSn, header.cmdSn());
    if (!window.contains(refCmdSn) || !beforeThis) {
      respond(itt, TaskManagementFunctionResponse.TASK_DOES_NOT_EXIST);
      return;
    }
    // The command was sent and has not arrived: its CmdSN counts as received from now on.
    HeldCommand held = window.skip(refCmdSn);
    if (held != null) {
      held.data().release();
    }
    respond(itt, TaskManagementFunctionResponse.FUNCTION_COMPLETE);
    open.deliverHeld();
  }

  private void answered(
      int itt,
      TaskManagementResponse answer,
      boolean coldReset,
      boolean manyTasks,
      int additional) {
    int code =
        switch (answer) {
          case FUNCTION_COMPLETE -> TaskManagementFunctionResponse.FUNCTION_COMPLETE;
          case FUNCTION_SUCCEEDED -> TaskManagementFunctionResponse.FUNCTION_SUCCEEDED;
          case FUNCTION_REJECTED -> TaskManagementFunctionResponse.FUNCTION_NOT_SUPPORTED;
          case INCORRECT_LOGICAL_UNIT_NUMBER -> TaskManagementFunctionResponse.LUN_DOES_NOT_EXIST;
          case TASK_DOES_NOT_EXIST -> TaskManagementFunctionResponse.TASK_DOES_NOT_EXIST;
          case SERVICE_DELIVERY_OR_TARGET_FAILURE ->
              TaskManagementFunctionResponse.FUNCTION_REJECTED;
        };
    Runnable respond =
        () -> {
          respond(
              itt,
              code,
              code == TaskManagementFunctionResponse.FUNCTION_SUCCEEDED ? additional : 0);
          if (coldReset && code == TaskManagementFunctionResponse.FUNCTION_COMPLETE) {
            open.targetColdReset();
          }
        };
    connection.inLoop(() -> {
      pending--;
      // Responses of the tasks concerned go out before, on every connection (RFC 7143 4.2.3.3).
      open.drain();
      if (manyTasks) {
        open.waiting().untilAcknowledged(connection, respond);
      } else {
        respond.run();
      }
    });
  }

  private void respond(int itt, int code) {
    respond(itt, code, 0);
  }

  private void respond(int itt, int code, int additional) {
    connection.send(new TaskManagementFunctionResponse(code, itt, additional));
  }

  private Optional<TaskManagementFunction> function(int code) {
    TaskManagementFunction function =
        switch (code) {
          case ABORT_TASK -> TaskManagementFunction.ABORT_TASK;
          case 2 -> TaskManagementFunction.ABORT_TASK_SET;
          case 3 -> TaskManagementFunction.CLEAR_ACA;
          case 4 -> TaskManagementFunction.CLEAR_TASK_SET;
          case 5 -> TaskManagementFunction.LOGICAL_UNIT_RESET;
          case 6, TARGET_COLD_RESET -> TaskManagementFunction.TARGET_RESET;
          case 9 -> TaskManagementFunction.QUERY_TASK;
          case 10 -> TaskManagementFunction.QUERY_TASK_SET;
          case 11 -> TaskManagementFunction.I_T_NEXUS_RESET;
          case 12 -> TaskManagementFunction.QUERY_ASYNCHRONOUS_EVENT;
          default -> null;
        };
    if (function == null || (code > TASK_REASSIGN && protocolLevel < RFC_7144_LEVEL)) {
      return Optional.empty();
    }
    return Optional.of(function);
  }
}
