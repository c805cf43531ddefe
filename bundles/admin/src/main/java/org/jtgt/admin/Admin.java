// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.state.StateRow;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Create, list, change and remove: the one door to the configurations of this container.
 *
 * <p>Thread rules: any thread; changes are carried out one after the other.
 */
@ProviderType
public interface Admin {
  /** The types that installed bundles offer now, by category, then by word. */
  List<ObjectType> types();

  /**
   * The type of that word or PID.
   *
   * @throws AdminException {@link AdminException.Problem#UNKNOWN_TYPE}, with the nearest word
   */
  ObjectType type(String word);

  /** All configured objects with their live state, by category, then by name. */
  List<ManagedObject> objects();

  /**
   * One object.
   *
   * @param type a type's word or PID, or a category's word
   * @param name its name; a target may also be called by its iSCSI name
   */
  Optional<ManagedObject> object(String type, String name);

  /**
   * Carries out all changes or none. Every change is checked before the first is carried out, as if
   * those before it had been; what fails while it is stored is undone.
   *
   * @param changes in order
   * @param origin who asks
   * @throws AdminException the first refusal
   */
  Result apply(List<Change> changes, Origin origin);

  /**
   * The change that is being carried out now and for how long, in words. A store that is changed
   * may have to drain first; other changes wait meanwhile, and nothing else does.
   *
   * @since 1.2
   */
  default Optional<String> underWay() {
    return Optional.empty();
  }

  /**
   * Reads a {@code .cfg} file: {@link java.util.Properties} syntax in UTF-8, nothing expanded.
   *
   * @throws AdminException when it cannot be read, is malformed or gives a key twice
   */
  Map<String, String> read(Path file);

  /**
   * Does something to the content of logical units while they are in use.
   *
   * @return how long I/O waited for it
   * @throws AdminException the refusal; the content has not changed then
   * @since 1.1
   */
  Duration carryOut(ContentChange change);

  /**
   * Whether snapshots can be taken of a logical unit, or else store, as it is now.
   *
   * @since 1.1
   */
  boolean keepsSnapshots(String name);

  /** Live objects of a kind (see {@link org.jtgt.state.StateSource}), by name. */
  List<StateRow> live(String kind);
}
