// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.device.Unit.Medium;

/**
 * Whose data a logical unit shows by the operator's will: a store of the same name with another
 * identity may be another file at the same path, or an empty one below a mount point. Kept over
 * restarts, except of a store whose data does not outlive the process either.
 */
final class AcceptedStore {
  private static final String KEY = "store";

  private final LogicalUnit unit;
  private boolean loaded;
  private @Nullable Kept kept;

  /**
   * What is kept, as two lines of text.
   *
   * @param name the store's name as it was configured
   * @param identity the store's identity
   */
  private record Kept(String name, String identity) {
    byte[] encode() {
      return (name + '\n' + identity).getBytes(StandardCharsets.UTF_8);
    }

    static Kept decode(byte[] bytes) {
      String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", 2);
      return new Kept(lines[0], lines.length == 2 ? lines[1] : "");
    }
  }

  AcceptedStore(LogicalUnit unit) {
    this.unit = unit;
  }

  /**
   * The identity that the unit's store must have; empty when any may come, as the operator has
   * named another store since.
   *
   * @throws java.io.UncheckedIOException when it cannot be read
   */
  Optional<String> identity() {
    if (!loaded) {
      kept = unit.memory().load(KEY).map(Kept::decode).orElse(null);
      loaded = true;
    }
    return Optional.ofNullable(kept)
        .filter(known -> known.name.equals(unit.settings().store()))
        .map(Kept::identity);
  }

  /** A store is attached. When it cannot be kept, what it was before counts after a restart. */
  void accept(Backstore store) {
    Kept before = kept;
    Kept now = new Kept(unit.settings().store(), store.identity());
    kept = now;
    loaded = true;
    if (now.equals(before)) {
      return;
    }
    try {
      if (store.outlivesProcess()) {
        unit.memory().keep(KEY, now.encode());
      } else {
        unit.memory().forget(KEY);
      }
    } catch (IOException unkept) {
      unit.reporter().failed(unit.name(), "its store is not kept over a restart", unkept);
    }
  }

  /**
   * What forbids to go on with a store in place of the one before, in words; empty when nothing
   * does. A size may change by configuration, not by an upgrade of the code.
   */
  String difference(@Nullable Medium before, Medium now, boolean upgrade) {
    Optional<String> known = identity();
    if (known.isEmpty()) {
      return "";
    }
    if (!known.get().equals(now.storeIdentity())) {
      return "store %s is another one (%s instead of %s)"
          .formatted(unit.settings().store(), now.storeIdentity(), known.get());
    }
    if (upgrade && before != null && before.blocks() != now.blocks()) {
      return "the new version of store %s has %d blocks of %d bytes instead of %d"
          .formatted(unit.settings().store(), now.blocks(), now.blockBytes(), before.blocks());
    }
    return "";
  }
}
