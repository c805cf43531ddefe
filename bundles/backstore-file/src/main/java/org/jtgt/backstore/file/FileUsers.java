// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Which store of this container uses which file, whatever the path that led to it. The lock of the
 * system keeps other processes out; this knows the names.
 */
@Component(service = FileUsers.class)
public final class FileUsers {
  private record User(String store, boolean shared) {}

  private final Map<String, List<User>> users = new HashMap<>();

  /** Nobody uses anything yet. */
  @Activate
  public FileUsers() {}

  /** A use that lasts until it is closed. */
  interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Notes a use.
   *
   * @param key the file, see {@link FileFacts#key()}
   * @throws IllegalStateException naming the store that has it, unless both share it
   */
  synchronized Use claim(String key, String store, boolean shared, String path) {
    List<User> others = users.computeIfAbsent(key, k -> new ArrayList<>());
    for (User other : others) {
      if (!shared || !other.shared()) {
        throw new IllegalStateException(
            "path: %s is in use by store '%s'%s"
                .formatted(
                    path,
                    other.store(),
                    shared || other.shared()
                        ? "; sharing needs readOnly=true and shared=true in both"
                        : ""));
      }
    }
    User user = new User(store, shared);
    others.add(user);
    return () -> drop(key, user);
  }

  /** The store that uses a file, where one does. */
  synchronized Optional<String> user(String key) {
    return users.getOrDefault(key, List.of()).stream().map(User::store).findFirst();
  }

  private synchronized void drop(String key, User user) {
    List<User> others = users.get(key);
    if (others != null) {
      others.removeIf(other -> other == user);
      if (others.isEmpty()) {
        users.remove(key);
      }
    }
  }
}
