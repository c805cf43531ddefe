// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a logical unit keeps over restarts: saved mode pages, identifying information, a sanitize
 * operation that has not ended. Gone with the unit's configuration.
 *
 * <p>Thread rules: any thread that may wait.
 */
@ProviderType
public interface UnitMemory {
  /** What was kept under a key of letters. */
  Optional<byte[]> load(String key);

  /**
   * Keeps a value; on stable storage when this returns.
   *
   * @throws IOException when it is not kept; the value before stays
   */
  void keep(String key, byte[] value) throws IOException;

  /**
   * Forgets a value.
   *
   * @throws IOException when it may still be there
   */
  void forget(String key) throws IOException;

  /** A memory that ends with the process. */
  static UnitMemory ofProcess() {
    Map<String, byte[]> values = new ConcurrentHashMap<>();
    return new UnitMemory() {
      @Override
      public Optional<byte[]> load(String key) {
        return Optional.ofNullable(values.get(key)).map(byte[]::clone);
      }

      @Override
      public void keep(String key, byte[] value) {
        values.put(key, value.clone());
      }

      @Override
      public void forget(String key) {
        values.remove(key);
      }
    };
  }
}
