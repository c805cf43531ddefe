// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.connect.ConnectContent;
import org.osgi.framework.connect.ConnectModule;
import org.osgi.framework.connect.ModuleConnector;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Lets bundles of the distribution that lie on the class path take their classes from there (OSGi
 * Core 8, chapter 60): the JVM keeps such classes linked, and their lambdas made, in its AOT cache;
 * those of a bundle's own class loader it can only look up, one by one.
 *
 * <p>That holds for the wiring of the start alone. What is wired later, because it or something
 * that it stands on was replaced, gets a class loader of its own as any bundle, so that it sees
 * what it is wired to and not what the class path has.
 */
final class ShippedBundles implements ModuleConnector {
  private final Map<String, Path> jars;
  private final Set<Path> classPath;
  private volatile boolean starting = true;

  /**
   * The jars of a distribution.
   *
   * @param classPath of the JVM; jars that it does not name have class loaders of their own at once
   */
  ShippedBundles(List<Path> jars, String classPath) {
    this.jars = jars.stream().collect(Collectors.toMap(ShippedBundles::location, jar -> jar));
    this.classPath =
        Stream.of(classPath.split(File.pathSeparator)).map(Path::of).collect(Collectors.toSet());
  }

  /** Where a jar of the distribution is to be installed from. */
  static String location(Path jar) {
    return jar.toUri().toString();
  }

  /** Gives those bundles, which are resolved, their classes; from here on no bundle gets any. */
  void wire(Iterable<Bundle> bundles) {
    for (Bundle bundle : bundles) {
      BundleWiring wiring = bundle.adapt(BundleWiring.class);
      Path jar = jars.get(bundle.getLocation());
      if (wiring != null && jar != null) {
        wiring.getClassLoader();
        BundleOfClass.put(jar, bundle);
      }
    }
    starting = false;
  }

  @Override
  public void initialize(@Nullable File storage, Map<String, String> configuration) {}

  @Override
  public Optional<BundleActivator> newBundleActivator() {
    return Optional.empty();
  }

  @Override
  public Optional<ConnectModule> connect(String location) {
    return Optional.ofNullable(jars.get(location)).map(jar -> () -> new Content(jar));
  }

  /** What a jar of the distribution holds. The framework opens it once and closes it. */
  private final class Content implements ConnectContent {
    private final Path path;
    private @Nullable ZipFile jar;

    /** All names, once they were asked for: a framework looks through them again and again. */
    private @Nullable List<String> names;

    Content(Path path) {
      this.path = path;
    }

    @Override
    public void open() throws IOException {
      jar = new ZipFile(path.toFile());
    }

    @Override
    public void close() throws IOException {
      opened().close();
    }

    private ZipFile opened() {
      ZipFile current = jar;
      if (current == null) {
        throw new IllegalStateException(path + " is not open");
      }
      return current;
    }

    @Override
    public Optional<Map<String, String>> getHeaders() {
      Map<String, String> headers = new HashMap<>();
      ZipFile current = opened();
      try (InputStream manifest = current.getInputStream(current.getEntry(JarFile.MANIFEST_NAME))) {
        new Manifest(manifest)
            .getMainAttributes()
            .forEach((name, value) -> headers.put(name.toString(), value.toString()));
      } catch (IOException e) {
        throw new UncheckedIOException(path + " cannot be read", e);
      }
      return Optional.of(headers);
    }

    @Override
    public Iterable<String> getEntries() {
      List<String> all = names;
      if (all == null) {
        all = opened().stream().<String>map(ZipEntry::getName).toList();
        names = all;
      }
      return all;
    }

    @Override
    public Optional<ConnectEntry> getEntry(String name) {
      return Optional.ofNullable(opened().getEntry(name)).map(Entry::new);
    }

    @Override
    public Optional<ClassLoader> getClassLoader() {
      return starting && classPath.contains(path)
          ? Optional.of(ShippedBundles.class.getClassLoader())
          : Optional.empty();
    }

    private final class Entry implements ConnectEntry {
      private final ZipEntry entry;

      Entry(ZipEntry entry) {
        this.entry = entry;
      }

      @Override
      public String getName() {
        return entry.getName();
      }

      @Override
      public long getContentLength() {
        return entry.getSize();
      }

      @Override
      public long getLastModified() {
        return entry.getTime();
      }

      @Override
      public InputStream getInputStream() throws IOException {
        return opened().getInputStream(entry);
      }
    }
  }
}
