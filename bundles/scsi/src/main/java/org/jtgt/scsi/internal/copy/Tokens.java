// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jtgt.scsi.device.Unit;

/**
 * The ROD tokens of a logical unit (SPC-4 5.17.6): names of ranges of its blocks, access upon
 * reference: what is read through one is what the blocks hold at that time.
 */
final class Tokens {
  /** ROD TYPE (SPC-4 table 108). */
  static final int ACCESS_UPON_REFERENCE = 0x0001_0000;

  /** ROD TYPE of the block device zero ROD token (SBC-3 4.35.4). */
  static final int ZERO = 0xFFFF_0001;

  static final int BYTES = 512;

  private static final int LENGTH_FIELD = BYTES - 8;

  // TARGET DEVICE DESCRIPTOR and EXTENDED ROD TOKEN DATA (SPC-4 tables 112, 113).
  private static final int TARGET_DEVICE = 128;
  private static final int EXTENDED_DATA = 256;

  private static final int MOST = 4096;
  private static final Duration SWEEP = Duration.ofSeconds(10);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Unit unit;
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private final Map<Long, Token> tokens = new ConcurrentHashMap<>();

  /** Blocks of the unit. */
  record Range(long lba, long blocks) {}

  /** A token that lives. */
  static final class Token {
    final List<Range> ranges;
    private final Duration timeout;
    private final byte[] bytes;
    private volatile long usedNanos;

    private Token(List<Range> ranges, Duration timeout, byte[] bytes, long nowNanos) {
      usedNanos = nowNanos;
      this.ranges = ranges;
      this.timeout = timeout;
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes.clone();
    }

    private boolean hasExpired(long nowNanos) {
      return nowNanos - usedNanos >= timeout.toNanos();
    }
  }

  private Tokens(Unit unit) {
    this.unit = unit;
  }

  static Tokens of(Unit unit) {
    return unit.state(Tokens.class, () -> new Tokens(unit));
  }

  /**
   * Makes a token; empty when there are too many.
   *
   * @param targetDevice name of the SCSI target device
   */
  Optional<Token> create(List<Range> ranges, int timeoutSeconds, String targetDevice) {
    if (tokens.size() >= MOST) {
      return Optional.empty();
    }
    long blocks = ranges.stream().mapToLong(Range::blocks).sum();
    long identifier = RANDOM.nextLong();
    byte[] bytes = encode(identifier, blocks, targetDevice);
    Token token =
        new Token(
            new ArrayList<>(ranges), Duration.ofSeconds(timeoutSeconds), bytes, unit.nanoTime());
    tokens.put(identifier, token);
    watch();
    return Optional.of(token);
  }

  /** A generic ROD token (SPC-4 table 112). */
  private byte[] encode(long identifier, long blocks, String targetDevice) {
    byte[] extension = new byte[BYTES - EXTENDED_DATA];
    RANDOM.nextBytes(extension); // nobody guesses a token
    int block = CopyJob.blockBytes(unit);
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putInt(0, ACCESS_UPON_REFERENCE).putShort(6, (short) LENGTH_FIELD);
    bytes.putLong(8, identifier).put(16, Cscd.of(unit));
    bytes.putLong(56, blocks * block); // NUMBER OF BYTES REPRESENTED, low half
    // Device type specific data (SBC-3 6.7): what READ CAPACITY(16) tells.
    int ratio = unit.attachedMedium().physicalBlockBytes() / block;
    bytes.putInt(96, block).put(101, (byte) Integer.numberOfTrailingZeros(ratio));
    bytes.put(102, (byte) (unit.unmaps() ? 0xC0 : 0)); // LBPME, LBPRZ
    bytes.put(TARGET_DEVICE, Cscd.targetDevice(targetDevice, EXTENDED_DATA - TARGET_DEVICE));
    bytes.put(EXTENDED_DATA, extension);
    return bytes.array();
  }

  /** The tokens that live. */
  List<byte[]> all() {
    long now = unit.nanoTime();
    return tokens.values().stream()
        .filter(token -> !token.hasExpired(now))
        .map(Token::bytes)
        .toList();
  }

  /** Forgets those that were not used for their time, and looks again as long as there are any. */
  private void sweep() {
    long now = unit.nanoTime();
    tokens.values().removeIf(token -> token.hasExpired(now));
    if (!tokens.isEmpty()) {
      unit.after(SWEEP, this::sweep);
    } else if (sweeping.compareAndSet(true, false) && !tokens.isEmpty()) {
      watch();
    }
  }

  private void watch() {
    if (sweeping.compareAndSet(false, true)) {
      unit.after(SWEEP, this::sweep);
    }
  }

  /** The token that a copy of its bytes means. */
  Optional<Token> find(byte[] bytes) {
    Token token = tokens.get(ByteBuffer.wrap(bytes).getLong(8));
    long now = unit.nanoTime();
    if (token == null || token.hasExpired(now) || !Arrays.equals(token.bytes, bytes)) {
      return Optional.empty();
    }
    token.usedNanos = now;
    return Optional.of(token);
  }

  void delete(Token token) {
    tokens.values().remove(token);
  }
}
