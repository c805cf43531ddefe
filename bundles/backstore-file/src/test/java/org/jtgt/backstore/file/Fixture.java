// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Stores of a test and the container that they think they live in. */
final class Fixture implements AutoCloseable {
  final FileUsers users = new FileUsers();
  private final Path state;
  private final List<FileStore> stores = new ArrayList<>();

  /** Keeps its state below a folder. */
  Fixture(Path folder) {
    state = folder.resolve("state");
  }

  FileStore open(String name, FileStoreConfig config) throws IOException {
    FileStore store = new FileStore(new Surroundings(name, Path.of(""), state), config, users);
    stores.add(store);
    return store;
  }

  FileStore open(Path path, String size) throws IOException {
    return open("disk", config(path, size, false, false));
  }

  @Override
  public void close() {
    stores.forEach(FileStore::close);
  }

  static FileStoreConfig config(Path path, String size) {
    return config(path, size, false, false);
  }

  static FileStoreConfig config(Path path, String size, boolean readOnly, boolean shared) {
    return new FileStoreConfig() {
      @Override
      public String path() {
        return path.toString();
      }

      @Override
      public String size() {
        return size;
      }

      @Override
      public boolean readOnly() {
        return readOnly;
      }

      @Override
      public boolean shared() {
        return shared;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return FileStoreConfig.class;
      }
    };
  }
}
