// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.Optional;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.TargetPdu.TaskManagementFunctionResponse;
import org.jtgt.iscsi.session.CommandWindow;
import org.jtgt.iscsi.session.HeldPdu;
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

  /** The functions of RFC 7144 need this iSCSIProtocolLevel (RFC 7144 7.1.1). */
  private static final int RFC_7144_LEVEL = 2;

  private final FullFeature connection;
  private final ScsiCommands commands;
  private final CommandWindow<HeldPdu> window;
  private final Nexus nexus;
  private final int protocolLevel;

  TaskManagement(
      FullFeature connection,
      ScsiCommands commands,
      CommandWindow<HeldPdu> window,
      Nexus nexus,
      int protocolLevel) {
    this.connection = connection;
    this.commands = commands;
    this.window = window;
    this.nexus = nexus;
    this.protocolLevel = protocolLevel;
  }

  /** Carries a request out; its response follows when the function is done. */
  void request(Bhs header) {
    int function = header.flags() & 0x7f;
    int itt = header.initiatorTaskTag();
    if (function == TASK_REASSIGN) {
      respond(itt, TaskManagementFunctionResponse.REASSIGNMENT_NOT_SUPPORTED);
      return;
    }
    Optional<TaskManagementFunction> known = function(function);
    if (known.isEmpty()) {
      respond(itt, TaskManagementFunctionResponse.FUNCTION_NOT_SUPPORTED);
      return;
    }
    if (function == ABORT_TASK && commands.find(header.referencedTaskTag()) == null) {
      abortUnknown(header);
      return;
    }
    long tag = header.referencedTaskTag() & 0xffffffffL;
    boolean coldReset = function == TARGET_COLD_RESET;
    nexus.manage(known.get(), header.lun(), tag, answer -> answered(itt, answer, coldReset));
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
    HeldPdu held = window.skip(refCmdSn);
    if (held != null) {
      held.data().release();
    }
    respond(itt, TaskManagementFunctionResponse.FUNCTION_COMPLETE);
    connection.deliverHeld();
  }

  private void answered(int itt, TaskManagementResponse answer, boolean coldReset) {
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
    connection.inLoop(() -> {
      // Responses of the tasks concerned go out before (RFC 7143 4.2.3.3).
      commands.drain();
      respond(itt, code);
      if (coldReset && code == TaskManagementFunctionResponse.FUNCTION_COMPLETE) {
        connection.targetColdReset();
      }
    });
  }

  private void respond(int itt, int code) {
    connection.send(new TaskManagementFunctionResponse(code, itt));
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
