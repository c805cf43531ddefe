// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator.proxy;

/** What a {@link FaultyNetwork} does to a PDU. */
public enum NetworkFault {
  /** The PDU never arrives. */
  DROP,
  /** It arrives twice. */
  DUPLICATE,
  /** It arrives after the one behind it. */
  DELAY,
  /** A byte of its data segment changes; only where a data digest tells. */
  DAMAGE_DATA,
  /** A byte of its header changes; only where a header digest tells. */
  DAMAGE_HEADER,
  /** The connection ends in the middle of it. */
  CUT
}
