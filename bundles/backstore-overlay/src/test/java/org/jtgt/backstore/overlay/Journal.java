// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/**
 * A folder in memory that remembers everything that is done to its files, in order, and what they
 * are when the power goes after some of it.
 */
final class Journal implements Folder {
  /** Something that was done to a file. */
  private sealed interface Step {
    String file();
  }

  private record Write(String file, long offset, byte[] bytes) implements Step {}

  private record Force(String file) implements Step {}

  private record Truncate(String file, long bytes) implements Step {}

  private record Replace(String file, byte[] bytes) implements Step {}

  private final List<Step> steps = new ArrayList<>();
  private final Map<String, byte[]> files = new HashMap<>();
  private final Map<String, Action> whenForced = new HashMap<>();
  private @Nullable Journal scratch;
  private long usableBytes = Long.MAX_VALUE;
  private int reads;

  /** Something that others do meanwhile. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** Something happens once, while a file, or its name, is made stable the next time. */
  void whenForced(String file, Action action) {
    whenForced.put(file, action);
  }

  int count() {
    return steps.size();
  }

  byte[] bytes(String file) {
    return files.getOrDefault(file, new byte[0]);
  }

  /** How often a file was read. */
  int reads() {
    return reads;
  }

  /** How often a file was made stable. */
  long forces(String file) {
    return steps.stream().filter(s -> s instanceof Force && s.file().equals(file)).count();
  }

  /** How often a file was written to. */
  long writes(String file) {
    return steps.stream().filter(s -> !(s instanceof Force) && s.file().equals(file)).count();
  }

  /** How often a file was put in the place of another. */
  long replacements() {
    return steps.stream().filter(s -> s instanceof Replace).count();
  }

  /** So many more bytes can be written behind the ends of files. */
  void usable(long bytes) {
    usableBytes = bytes;
  }

  /** The files when the process is killed after some steps; the last write may be cut. */
  Journal killed(int count, boolean torn) {
    Journal after = new Journal();
    for (int i = 0; i < count; i++) {
      after.apply(torn && i == count - 1 ? cut(steps.get(i)) : steps.get(i));
    }
    return after;
  }

  /** Whether a step makes stable what was done to its file before. */
  boolean makesStable(int step) {
    return steps.get(step) instanceof Force || steps.get(step) instanceof Replace;
  }

  /** What may be when the power goes after some steps. */
  Losses unplugged(int count) {
    Map<String, Integer> stable = new HashMap<>();
    for (int i = 0; i < count; i++) {
      if (makesStable(i)) {
        stable.put(steps.get(i).file(), i);
      }
    }
    Journal certain = new Journal();
    var parts = new ArrayList<Step>();
    for (int i = 0; i < count; i++) {
      Step step = steps.get(i);
      if (i <= stable.getOrDefault(step.file(), -1)) {
        certain.apply(step);
      } else if (step instanceof Write write) {
        sectors(write, parts);
      } else {
        parts.add(step);
      }
    }
    return new Losses(certain, parts);
  }

  /** No store tears a sector. */
  private static void sectors(Write write, List<Step> into) {
    for (int from = 0; from < write.bytes().length; ) {
      int to =
          (int)
              Math.min(
                  write.bytes().length, (write.offset() + from) / 512 * 512 + 512 - write.offset());
      into.add(
          new Write(
              write.file(), write.offset() + from, Arrays.copyOfRange(write.bytes(), from, to)));
      from = to;
    }
  }

  /**
   * A moment: what is stable, and the sectors that were written since, each of which the power that
   * goes may take.
   */
  static final class Losses {
    private final Journal stable;
    private final List<Step> parts;

    private Losses(Journal stable, List<Step> parts) {
      this.stable = stable;
      this.parts = parts;
    }

    /** How many sectors are there or not. */
    int count() {
      return parts.size();
    }

    /** The files when just these are there. */
    Journal with(BitSet there) {
      Journal after = new Journal();
      stable.files.forEach((file, bytes) -> after.files.put(file, bytes.clone()));
      there.stream().mapToObj(parts::get).forEach(after::apply);
      return after;
    }
  }

  private static Step cut(Step step) {
    if (!(step instanceof Write write)) {
      return step;
    }
    // Data may be torn between sectors, which no store promises more than; frames anywhere.
    int unit = write.file().endsWith("map") ? 1 : 512;
    int length = write.bytes().length / 2 / unit * unit;
    return new Write(write.file(), write.offset(), Arrays.copyOf(write.bytes(), length));
  }

  private void apply(Step step) {
    steps.add(step);
    String file = step.file();
    switch (step) {
      case Write write -> {
        byte[] before = bytes(file);
        int end = (int) (write.offset() + write.bytes().length);
        byte[] now = end > before.length ? Arrays.copyOf(before, end) : before;
        System.arraycopy(write.bytes(), 0, now, (int) write.offset(), write.bytes().length);
        files.put(file, now);
      }
      case Truncate truncate -> {
        if (truncate.bytes() < bytes(file).length) {
          files.put(file, Arrays.copyOf(bytes(file), (int) truncate.bytes()));
        }
      }
      case Replace replace -> files.put(file, replace.bytes().clone());
      case Force force -> {}
    }
  }

  @Override
  public Disk open(String name) {
    return disk(name);
  }

  @Override
  public Optional<Disk> existing(String name) {
    return files.containsKey(name) ? Optional.of(disk(name)) : Optional.empty();
  }

  @Override
  public Disk replace(String name, Content content) throws IOException {
    Journal fresh = new Journal();
    fresh.usable(usableBytes);
    content.write(fresh.disk(name));
    apply(new Replace(name, fresh.bytes(name)));
    forcing(name);
    return disk(name);
  }

  /** Another folder of the same machine, which crashes with it. */
  Folder folder(String folder) {
    return new Folder() {
      @Override
      public Disk open(String name) {
        return Journal.this.open(folder + "/" + name);
      }

      @Override
      public Optional<Disk> existing(String name) {
        return Journal.this.existing(folder + "/" + name);
      }

      @Override
      public Disk replace(String name, Content content) throws IOException {
        return Journal.this.replace(folder + "/" + name, content);
      }

      @Override
      public Disk scratch() {
        return new Journal().disk("pages");
      }

      @Override
      public long usableBytes() {
        return usableBytes;
      }
    };
  }

  private Journal pages() {
    if (scratch == null) {
      scratch = new Journal();
    }
    return scratch;
  }

  /** The same one each time, so that a test can look at it. */
  @Override
  public Disk scratch() {
    return pages().disk("pages");
  }

  /** The file of pages may become so long. */
  void scratchUsable(long bytes) {
    pages().usable(bytes);
  }

  private void forcing(String file) throws IOException {
    Action meanwhile = whenForced.remove(file);
    if (meanwhile != null) {
      meanwhile.run();
    }
  }

  @Override
  public long usableBytes() {
    return usableBytes;
  }

  Disk disk(String file) {
    return new Disk() {
      @Override
      public int read(long offsetBytes, ByteBuffer target) {
        reads++;
        byte[] now = bytes(file);
        int bytes = (int) Math.max(0, Math.min(target.remaining(), now.length - offsetBytes));
        if (bytes > 0) {
          target.put(target.position(), now, (int) offsetBytes, bytes);
        }
        return bytes;
      }

      @Override
      public synchronized void write(long offsetBytes, ByteBuffer source) throws IOException {
        byte[] bytes = new byte[source.remaining()];
        source.get(source.position(), bytes);
        long more = Math.max(0, offsetBytes + bytes.length - bytes(file).length);
        if (more > usableBytes) {
          throw BackstoreException.of(Kind.FULL, "No space left on device");
        }
        usableBytes -= more;
        apply(new Write(file, offsetBytes, bytes));
      }

      @Override
      public void force() throws IOException {
        forcing(file);
        apply(new Force(file));
      }

      @Override
      public long sizeBytes() {
        return bytes(file).length;
      }

      @Override
      public void truncate(long bytes) {
        apply(new Truncate(file, bytes));
      }

      @Override
      public void close() {}
    };
  }
}
