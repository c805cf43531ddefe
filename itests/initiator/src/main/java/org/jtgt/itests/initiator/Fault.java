// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** What {@link PduChannel#send(Pdu, Fault...)} spoils on purpose, outside any header field. */
public enum Fault {
  /** Every bit of the header digest is inverted; without header digests nothing changes. */
  WRONG_HEADER_DIGEST,
  /** Every bit of the data digest is inverted; without data digests nothing changes. */
  WRONG_DATA_DIGEST
}
