// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

import java.util.Collection;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A SCSI target device (SAM-5 4.5.5): a service for each configured target. Its registration is the
 * target's life; a changed LUN map keeps the service and its nexuses. A transport offers it where
 * it is reachable.
 *
 * <p>Thread rules: any thread.
 */
@ProviderType
public interface ScsiTarget {
  /** Service property: {@link #name()}. */
  String NAME = "org.jtgt.scsi.target.name";

  /** The SCSI device name, in the form of the transport's names: an iSCSI name for iSCSI. */
  String name();

  /** The human-readable text a transport may show (iSCSI TargetAlias); empty when there is none. */
  String alias();

  /** Names of the portals on which the target is reachable; empty means every portal. */
  Set<String> portals();

  /**
   * Forms an I_T nexus. The nexus begins with a POWER ON unit attention on each logical unit where
   * the standards ask for one.
   *
   * @param initiator the initiator port; at most one nexus for each pair of ports, the transport
   *     ends the old one first
   * @param target the target port it came in through; the engine gives each distinct port a
   *     relative port identifier
   * @param view what the initiator sees of the target
   * @param listener told of what concerns the transport
   * @throws IllegalStateException when the target is being removed
   */
  Nexus connect(ScsiPort initiator, ScsiPort target, NexusView view, NexusListener listener);

  /** Forms an I_T nexus that sees the whole target. */
  default Nexus connect(ScsiPort initiator, ScsiPort target, NexusListener listener) {
    return connect(initiator, target, NexusView.WHOLE, listener);
  }

  /**
   * Says through which target ports the transport offers the target, also before any initiator has
   * come through them; said again whenever they change. They get their relative port identifiers,
   * and are what commands about target ports know: REPORT TARGET PORT GROUPS, the SCSI Ports page,
   * ALL_TG_PT, REGISTER AND MOVE.
   *
   * @param ports all of its target ports; those of nexuses that exist are added
   */
  default void offeredAt(Collection<ScsiPort> ports) {}

  /** What the engine tells the transport about a nexus. Called on any thread; returns quickly. */
  @ProviderType
  interface NexusListener {
    /** The target is going away: the transport ends the nexus in its own orderly way, soon. */
    void targetRemoved();

    /**
     * Commands that the nexus has aborted do not end, because their store does not answer: the
     * transport ends the nexus, so that the initiator may form a new one and go on.
     *
     * @param reason why, in words
     */
    default void commandsStuck(String reason) {}

    /**
     * Something has happened to a logical unit that no command of the initiator brought about, as
     * another size or another LUN map: the transport may report it (SAM-2 5.7.1, RFC 7143 11.9.1).
     * The unit attention condition stays, for initiators that do not hear of it so.
     *
     * @param lun the 8-byte LUN
     * @param sense the sense data that reports it
     */
    default void asynchronousEvent(long lun, byte[] sense) {}
  }
}
