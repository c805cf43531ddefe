// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Properties;
import java.util.Set;

/**
 * The serial numbers and NAA identifiers that logical units got when they were made: random, never
 * derived from a name, one file each, so that they are the same after every restart.
 */
public final class LuIdentities {
  private static final String SUFFIX = ".properties";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path folder;
  // Configurations whose units live; of those the ones that were deleted meanwhile.
  private final Set<String> live = new HashSet<>();
  private final Set<String> doomed = new HashSet<>();

  /**
   * What is kept of a unit.
   *
   * @param serial PRODUCT SERIAL NUMBER
   * @param naa NAA designator
   */
  record Identity(String serial, long naa) {}

  LuIdentities(Path folder) {
    this.folder = folder;
  }

  /**
   * The identity of a unit that begins to live; made when there is none.
   *
   * @param pid its configuration
   */
  synchronized Identity begin(String pid) {
    String name = Names.instance(pid);
    try {
      Identity identity = load(name);
      live.add(pid);
      doomed.remove(pid);
      return identity;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the identity of logical unit %s cannot be kept in %s: %s".formatted(name, file(name), e),
          e);
    }
  }

  /** A unit is away; its identity goes too when its configuration has been deleted. */
  synchronized void end(String pid) {
    live.remove(pid);
    if (doomed.remove(pid)) {
      deleteUnlessUsed(pid);
    }
  }

  /** The configuration of a unit was deleted, perhaps before the unit has gone. */
  synchronized void configurationDeleted(String pid) {
    if (live.contains(pid)) {
      doomed.add(pid);
    } else {
      deleteUnlessUsed(pid);
    }
  }

  /** A configuration of another type may have the same name: the identity is that unit's, then. */
  private void deleteUnlessUsed(String pid) {
    String name = Names.instance(pid);
    if (live.stream().noneMatch(other -> Names.instance(other).equals(name))) {
      delete(name);
    }
  }

  /** What a unit keeps besides: gone with its identity. */
  FolderMemory memory(String name) {
    // Not the file of a unit whose name is shorter.
    return new FolderMemory(folder.resolve(name.endsWith(SUFFIX) ? name + '~' : name));
  }

  private Path file(String name) {
    return folder.resolve(name + SUFFIX);
  }

  private Identity load(String name) throws IOException {
    Properties kept = new Properties();
    try (var in = Files.newBufferedReader(file(name), StandardCharsets.UTF_8)) {
      kept.load(in);
    } catch (NoSuchFileException absent) {
      return create(name);
    }
    String serial = kept.getProperty("serial", "");
    String naa = kept.getProperty("naa", "");
    if (serial.isEmpty() || !naa.matches("[0-9a-f]{16}")) {
      throw new IOException("it holds no serial and no naa of 16 hexadecimal digits");
    }
    return new Identity(serial, HexFormat.fromHexDigitsToLong(naa));
  }

  private Identity create(String name) throws IOException {
    // NAA type 3, locally assigned (SPC-4 7.8.6.6.4): four bits of type, sixty random ones.
    Identity made =
        new Identity(
            HexFormat.of().toHexDigits(RANDOM.nextLong()), 0x3L << 60 | RANDOM.nextLong() >>> 4);
    String text =
        "serial=%s\nnaa=%s\n".formatted(made.serial, HexFormat.of().toHexDigits(made.naa));
    StableFile.write(file(name), text.getBytes(StandardCharsets.UTF_8));
    return made;
  }

  private void delete(String name) {
    try {
      Files.deleteIfExists(file(name));
      memory(name).delete();
    } catch (IOException e) {
      throw new UncheckedIOException("the identity of logical unit " + name + " stays: " + e, e);
    }
  }
}
