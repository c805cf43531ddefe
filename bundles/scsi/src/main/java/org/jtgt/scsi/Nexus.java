// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An I_T nexus (SAM-5 4.7): the way one initiator port uses one target port.
 *
 * <p>Thread rules: {@link #execute} and {@link #manage} are called in the order in which the
 * transport delivers, never two at once; {@link #close} by any thread.
 */
@ProviderType
public interface Nexus {
  /**
   * Delivers a command (SAM-5 5.1, Execute Command). The engine answers through the command,
   * exactly once, perhaps before this returns. It never throws for anything the initiator sent.
   */
  void execute(ScsiCommand command);

  /**
   * Delivers a task management function (SAM-5 clause 7). The engine answers once, on any thread,
   * when every command that the function aborts has ended in the store; those commands get {@link
   * ScsiCommand#aborted()} before the answer. Where that takes too long, {@link
   * ScsiTarget.NexusListener#commandsStuck} comes first.
   *
   * @param function what to do
   * @param lun the 8-byte LUN; ignored by functions that act on the nexus or the device
   * @param tag the command concerned; for ABORT TASK and QUERY TASK only
   * @param answer gets the service response
   */
  void manage(
      TaskManagementFunction function, long lun, long tag, Consumer<TaskManagementResponse> answer);

  /**
   * What QUERY ASYNCHRONOUS EVENT tells beside FUNCTION SUCCEEDED: the Additional Response
   * Information of SAM-5 7.10, UADE DEPTH, SENSE KEY, ADDITIONAL SENSE CODE and its QUALIFIER in 24
   * bits; 0 when nothing is pending. Any thread.
   *
   * @param lun the 8-byte LUN
   */
  default int asynchronousEvent(long lun) {
    return 0;
  }

  /**
   * Changes what the initiator sees, in place: a logical unit that is mapped before and after keeps
   * its commands and attentions. Any thread.
   */
  void view(NexusView view);

  /**
   * Says that the transport has ended commands of the nexus on a logical unit, whose answers nobody
   * gets: the next command there hears of it (RFC 7143 11.14.5). Any thread.
   *
   * @param lun the 8-byte LUN; one that is not mapped is ignored
   */
  void commandsCleared(long lun);

  /**
   * Ends the nexus (SAM-5 6.4, I_T nexus loss): its commands are aborted without an answer ({@link
   * ScsiCommand#aborted()} comes for each when its store I/O has ended), its unit attentions are
   * gone, reservations stay as the standards say.
   *
   * @param ended runs once: when no command of the nexus is left, or when those that are left have
   *     not ended for a time, because their store does not answer. Their {@link
   *     ScsiCommand#aborted()} comes later then; until it does they keep their buffers, and
   *     whatever else wants their blocks waits
   */
  void close(Runnable ended);
}
