// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.StoreIo;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A regular file or block device as a store. It has no modified method: whatever is configured
 * otherwise, SCR opens it anew, and its users drain before. What cannot be opened so is seen by
 * whoever changes the configuration.
 */
@Component(
    configurationPid = "org.jtgt.backstore.file",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = Backstore.class,
    immediate = true)
@Designate(ocd = FileStoreConfig.class, factory = true)
public final class FileStore implements BlockingBackstore, AllocationMap, FreeSpace {
  /** Reason of a deactivation: the configuration was deleted (OSGi Compendium 8, 112.5.18). */
  private static final int CONFIGURATION_DELETED = 4;

  private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);

  private final Served served;
  private final FileUsers.Use use;
  private final OpenFile file;
  private final String identity;
  private final Completion completion;
  private final boolean nonRotational;
  private final FileSettings settings;
  private final boolean holes;
  private final StableCalls stableCalls;

  /**
   * Opens, or creates, and locks the configured file.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   * @throws IllegalStateException when another store has the file
   * @throws IOException when the file cannot be opened or created
   */
  @Activate
  public FileStore(
      FileStoreConfig config,
      Map<String, Object> properties,
      BundleContext context,
      @Reference FileUsers users)
      throws IOException {
    this(Surroundings.of(context, properties), config, users);
  }

  FileStore(Surroundings surroundings, FileStoreConfig config, FileUsers users) throws IOException {
    settings = FileSettings.of(config, surroundings.home());
    Path path = settings.path();
    stableCalls = new StableCalls(path.toString());
    String store = surroundings.store();
    served = new Served(surroundings);
    // A device that is open elsewhere in this container tells no name when it is opened again.
    FileUsers.Use early = claim(users, FileOpener.keyOf(path), store);
    try {
      file = FileOpener.open(settings, served);
    } catch (IOException | RuntimeException failure) {
      early.close();
      throw failure;
    }
    early.close();
    use = claimOrClose(users, store);
    FileFacts facts = file.facts();
    try {
      holes = facts.unmapGranularityBytes() > 0;
      completion =
          !facts.blockDevice() && FileOpener.inMemory(path)
              ? Completion.INLINE
              : Completion.BLOCKING;
      nonRotational = !BlockDevices.rotational(facts.device());
      identity =
          facts.blockDevice()
              ? BlockDevices.identity(facts.device()).orElse("path:" + path)
              : new Identities(surroundings.state()).of(path, facts.key(), !settings.readOnly());
      served.remember(path, facts.sizeBytes());
    } catch (IOException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  private FileUsers.Use claim(FileUsers users, String key, String store) {
    return key.isEmpty()
        ? () -> {}
        : users.claim(key, store, settings.shared(), settings.path().toString());
  }

  private FileUsers.Use claimOrClose(FileUsers users, String store) {
    try {
      return claim(users, file.facts().key(), store);
    } catch (IllegalStateException taken) {
      file.close();
      throw taken;
    }
  }

  /** Gives the file up; a store that is no longer configured is forgotten. */
  @Deactivate
  void deactivate(int reason) {
    close();
    if (reason == CONFIGURATION_DELETED) {
      try {
        served.forget();
      } catch (IOException e) {
        LOG.warn("What was served is not forgotten: {}", e.toString());
      }
    }
  }

  /** Lets running calls end, then gives the file up. */
  void close() {
    file.close();
    use.close();
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public long sizeBytes() {
    return file.facts().sizeBytes();
  }

  @Override
  public int blockBytes() {
    return file.facts().blockBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return file.facts().physicalBlockBytes();
  }

  @Override
  public boolean readOnly() {
    return settings.readOnly();
  }

  @Override
  public boolean nonRotational() {
    return nonRotational;
  }

  @Override
  public int unmapGranularityBytes() {
    return file.facts().unmapGranularityBytes();
  }

  @Override
  public Completion completion() {
    return completion;
  }

  /** Block devices tell neither holes nor free space. */
  @Override
  public <C> Optional<C> adapt(Class<C> capability) {
    boolean forFilesOnly = capability == AllocationMap.class || capability == FreeSpace.class;
    return forFilesOnly && file.facts().blockDevice()
        ? Optional.empty()
        : BlockingBackstore.super.adapt(capability);
  }

  /** Hands all buffers of an I/O to the system at once. */
  @Override
  public void submit(StoreIo io) {
    try {
      switch (io.operation()) {
        case READ -> file.read(io.offsetBytes(), io.buffers(), io.bufferCount());
        case WRITE -> write(io.offsetBytes(), io.buffers(), io.bufferCount(), io.forceUnitAccess());
        case FLUSH -> flush();
        case UNMAP -> zero(io.offsetBytes(), io.lengthBytes(), true, io.forceUnitAccess());
        case WRITE_ZEROES ->
            zero(io.offsetBytes(), io.lengthBytes(), io.mayUnmap(), io.forceUnitAccess());
      }
    } catch (IOException | RuntimeException | OutOfMemoryError failure) {
      io.fail(failure);
      return;
    }
    io.complete();
  }

  /**
   * Reads what is in the page cache, and begins to read what is not. A buffered write may always
   * wait for memory or a journal, and nothing tells when it could go on.
   */
  @Override
  public boolean submitAtOnce(StoreIo io) {
    if (io.operation() != StoreIo.Operation.READ) {
      return false;
    }
    if (file.readCached(io.offsetBytes(), io.buffers(), io.bufferCount())) {
      io.complete();
      return true;
    }
    return file.beginRead(io);
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws IOException {
    file.read(offsetBytes, new ByteBuffer[] {target}, 1);
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws IOException {
    write(offsetBytes, new ByteBuffer[] {source}, 1, false);
  }

  private void write(long offsetBytes, ByteBuffer[] sources, int count, boolean stable)
      throws IOException {
    writable();
    if (stable) {
      stableCalls.run(() -> file.write(offsetBytes, sources, count, true), file::lostNothing);
    } else {
      file.write(offsetBytes, sources, count, false);
    }
  }

  @Override
  public void flush() throws IOException {
    if (!readOnly()) {
      stableCalls.run(file::sync);
    }
  }

  @Override
  public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap) throws IOException {
    zero(offsetBytes, lengthBytes, mayUnmap, false);
  }

  private void zero(long offsetBytes, long lengthBytes, boolean mayUnmap, boolean stable)
      throws IOException {
    writable();
    // The system itself clears the parts of blocks at both ends.
    boolean done = mayUnmap && holes && file.punchHole(offsetBytes, lengthBytes);
    if (!done && !file.zeroRange(offsetBytes, lengthBytes)) {
      BlockingBackstore.super.writeZeroes(offsetBytes, lengthBytes, false);
    }
    if (stable) {
      flush();
    }
  }

  @Override
  public Extent extentAt(long offsetBytes) throws IOException {
    return file.extentAt(offsetBytes, sizeBytes());
  }

  @Override
  public long allocatedBytes() throws IOException {
    return file.allocatedBytes();
  }

  @Override
  public long freeBytes() throws IOException {
    return Files.getFileStore(settings.path()).getUsableSpace();
  }

  private void writable() throws BackstoreException {
    if (readOnly()) {
      throw BackstoreException.of(
          Kind.WRITE_PROTECTED, settings.path() + " is served read-only (readOnly=true)");
    }
  }
}
