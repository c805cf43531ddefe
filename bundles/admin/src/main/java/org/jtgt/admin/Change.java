// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One step of an administration. Values are texts as they stand in files and commands: a list is
 * comma-separated, an empty text means "not given".
 */
public sealed interface Change {
  /** Type word, category word or PID that the name is looked up in. */
  String type();

  /** The object's name; a target may also be called by its iSCSI name. */
  String name();

  /** Makes an object that must not exist. */
  record Create(String type, String name, Map<String, String> values) implements Change {
    public Create {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /**
   * Makes an object, or gives the one of the same origin exactly these values: what a file or an
   * import says. Where a {@code .cfg} file says it, what it says when the change is carried out
   * counts, not what was read before.
   */
  record Declare(String type, String name, Map<String, String> values) implements Change {
    public Declare {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /** Changes the given keys of an object and leaves the others. */
  record Update(String type, String name, Map<String, String> values) implements Change {
    public Update {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /**
   * Removes an object.
   *
   * @param force also when it is in use
   */
  record Remove(String type, String name, boolean force) implements Change {}

  /**
   * Maps a logical unit into a target, in one step with the choice of the number.
   *
   * @param name the target
   * @param lun the LUN; empty for the lowest free one
   * @param lu the logical unit's name
   */
  record MapLun(String name, OptionalInt lun, String lu) implements Change {
    @Override
    public String type() {
      return Category.TARGET.word();
    }
  }

  /**
   * Takes a LUN out of a target.
   *
   * @param name the target
   * @param lunOrLu the LUN or the name of the logical unit
   * @param force also when the target has sessions
   */
  record UnmapLun(String name, String lunOrLu, boolean force) implements Change {
    @Override
    public String type() {
      return Category.TARGET.word();
    }
  }
}
