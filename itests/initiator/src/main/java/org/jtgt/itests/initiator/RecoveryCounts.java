// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** How often each kind of recovery was needed. */
public final class RecoveryCounts {
  public int statusSnacks;
  public int dataSnacks;
  public int r2tSnacks;
  public int dataAcks;
  public int commandRetries;
  public int rejects;
  public int damaged;
  public int reconnections;
  public int reassignments;

  @Override
  public String toString() {
    return "status SNACK %d, data SNACK %d, R2T SNACK %d, DataACK %d, retried %d, rejected %d, damaged %d, reconnected %d, reassigned %d"
        .formatted(
            statusSnacks,
            dataSnacks,
            r2tSnacks,
            dataAcks,
            commandRetries,
            rejects,
            damaged,
            reconnections,
            reassignments);
  }
}
