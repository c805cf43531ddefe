// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one initiator sees of a target: LUN mapping and masking (SPC-4 Annex C), and whether it may
 * write.
 *
 * @param luns names of logical units by LUN number; empty for the target's own LUN map
 * @param readOnly refuses every command that writes by DATA PROTECT, WRITE PROTECTED
 */
public record NexusView(Optional<SortedMap<Integer, String>> luns, boolean readOnly) {
  /** All that the target has. */
  public static final NexusView WHOLE = new NexusView(Optional.empty(), false);

  /** No logical unit at all. */
  public static final NexusView NOTHING = new NexusView(Optional.of(new TreeMap<>()), true);

  public NexusView {
    luns = luns.map(map -> Collections.unmodifiableSortedMap(new TreeMap<>(map)));
  }
}
