// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.filter.BaseIo;

/**
 * The header of an encrypted store, twice in its first MiB (at 0 and at 64 KiB), so that one torn
 * write leaves one of them. Big-endian:
 *
 * <pre>
 *   0  8  "JTGTCRPT"
 *   8  4  version, 1
 *  12  4  bytes of a data unit of XTS
 *  16  4  rounds of PBKDF2 with HMAC-SHA-512
 *  20 16  UUID of the store
 *  36 32  salt
 *  68  8  bytes of the encrypted store
 *  76 32  HMAC-SHA-256 of bytes 0 to 75 with the check key
 * 108  4  CRC-32C of bytes 0 to 107
 * </pre>
 *
 * PBKDF2 of the secret gives 96 bytes: 64 for AES-256-XTS, 32 for the check key.
 *
 * <p>Where the base has grown, so does the store: its header is written anew, the second copy
 * first, and either copy is right meanwhile. A key is thrown away in the same order, with another
 * salt: what was encrypted with the one before is lost when the first copy has been written, and
 * with it the last place of that salt.
 */
record Header(int unitBytes, int rounds, UUID uuid, byte[] salt, long sizeBytes, byte[] check) {
  /** Where the data begin. */
  static final int DATA_OFFSET = 1 << 20;

  private static final int COPY_OFFSET = 1 << 16;
  private static final int AREA_BYTES = 4096;
  private static final int BYTES = 112;
  private static final long MAGIC = 0x4A54_4754_4352_5054L;
  private static final int VERSION = 1;
  static final int ROUNDS = 100_000;
  private static final int KEY_BYTES = 64;
  private static final int CHECK_BYTES = 32;

  /** A header and the keys that fit it. */
  record Opened(Header header, byte[] dataKey, byte[] checkKey) {}

  /**
   * Reads the header of a store and checks the secret against it.
   *
   * @param format whether an empty store gets a header
   * @param rounds of PBKDF2 in a header that is made
   * @throws IOException in one line, when there is no header, or the secret is another; nothing has
   *     been written then
   */
  static Opened open(Backstore base, byte[] secret, boolean format, int rounds) throws IOException {
    if (base.sizeBytes() <= DATA_OFFSET) {
      throw new IOException(
          "base: has %d bytes; more than %d are needed".formatted(base.sizeBytes(), DATA_OFFSET));
    }
    Optional<ByteBuffer> found = whole(base);
    if (found.isPresent()) {
      return check(found.get(), base, secret);
    }
    if (!format) {
      throw new IOException("base: has no header of an encrypted store; format=true makes one");
    }
    ByteBuffer start = ByteBuffer.allocateDirect(DATA_OFFSET);
    BaseIo.read(base, 0, start);
    if (start.getLong(COPY_OFFSET) == MAGIC) {
      // A crash has cut the first write of a format: all else is as it was before.
      start.put(COPY_OFFSET, new byte[BYTES]);
    }
    if (start.mismatch(ByteBuffer.allocate(DATA_OFFSET)) >= 0) {
      throw new IOException("base: is not empty; format=true makes a header in zeros only");
    }
    return format(base, secret, rounds);
  }

  /** The first copy that is whole. */
  private static Optional<ByteBuffer> whole(Backstore base) throws IOException {
    for (int offset : new int[] {0, COPY_OFFSET}) {
      ByteBuffer area = ByteBuffer.allocateDirect(areaBytes(base));
      BaseIo.read(base, offset, area);
      if (area.getLong(0) == MAGIC && crc(area) == area.getInt(BYTES - 4)) {
        return Optional.of(area);
      }
    }
    return Optional.empty();
  }

  private static Header decoded(ByteBuffer area) {
    byte[] salt = new byte[32];
    area.get(36, salt);
    byte[] check = new byte[CHECK_BYTES];
    area.get(76, check);
    return new Header(
        area.getInt(12),
        area.getInt(16),
        new UUID(area.getLong(20), area.getLong(28)),
        salt,
        area.getLong(68),
        check);
  }

  /** The header of the same store in an earlier image of the base; empty when there is none. */
  Optional<Header> in(Backstore image, byte[] checkKey) throws IOException {
    if (image.sizeBytes() <= DATA_OFFSET) {
      return Optional.empty();
    }
    return whole(image)
        .filter(area -> area.getInt(8) == VERSION)
        .filter(area -> MessageDigest.isEqual(mac(checkKey, area), decoded(area).check))
        .map(Header::decoded)
        .filter(then -> then.uuid.equals(uuid) && then.unitBytes == unitBytes)
        .filter(then -> image.sizeBytes() >= DATA_OFFSET + then.sizeBytes);
  }

  private static Opened check(ByteBuffer area, Backstore base, byte[] secret) throws IOException {
    if (area.getInt(8) != VERSION) {
      throw new IOException(
          "base: has a header of version %d; allowed: %d".formatted(area.getInt(8), VERSION));
    }
    Header header = decoded(area);
    if (header.rounds < 1000 || Integer.bitCount(header.unitBytes) != 1 || header.unitBytes < 512) {
      throw new IOException("base: has a header that is damaged");
    }
    if (base.blockBytes() > header.unitBytes) {
      throw new IOException(
          "base: has blocks of %d bytes; the encrypted store was made on blocks of %d"
              .formatted(base.blockBytes(), header.unitBytes));
    }
    byte[] derived = derive(secret, header.salt, header.rounds);
    byte[] checkKey = Arrays.copyOfRange(derived, KEY_BYTES, derived.length);
    if (!MessageDigest.isEqual(mac(checkKey, area), header.check)) {
      throw new IOException("another secret than the one this store was made with");
    }
    if (base.sizeBytes() < DATA_OFFSET + header.sizeBytes) {
      throw new IOException(
          "base: has %d bytes; the encrypted store needs %d"
              .formatted(base.sizeBytes(), DATA_OFFSET + header.sizeBytes));
    }
    return new Opened(header.grown(base, checkKey), Arrays.copyOf(derived, KEY_BYTES), checkKey);
  }

  private static Opened format(Backstore base, byte[] secret, int rounds) throws IOException {
    int unit = Math.max(512, base.blockBytes());
    return make(base, secret, unit, rounds, UUID.randomUUID(), room(base, unit));
  }

  /** Writes a header with a salt of its own. */
  private static Opened make(
      Backstore base, byte[] secret, int unitBytes, int rounds, UUID uuid, long sizeBytes)
      throws IOException {
    byte[] salt = new byte[32];
    new SecureRandom().nextBytes(salt);
    byte[] derived = derive(secret, salt, rounds);
    byte[] checkKey = Arrays.copyOfRange(derived, KEY_BYTES, derived.length);
    Header header =
        new Header(unitBytes, rounds, uuid, salt, sizeBytes, new byte[CHECK_BYTES])
            .write(base, checkKey);
    return new Opened(header, Arrays.copyOf(derived, KEY_BYTES), checkKey);
  }

  /** Bytes for data in a base. */
  private static long room(Backstore base, int unitBytes) {
    return (base.sizeBytes() - DATA_OFFSET) / unitBytes * unitBytes;
  }

  /**
   * The header for what the base is now, written where that is more than before.
   *
   * @throws IOException when it cannot be written; this one holds then
   */
  Header grown(Backstore base, byte[] checkKey) throws IOException {
    long room = room(base, unitBytes);
    return room <= sizeBytes || base.readOnly()
        ? this
        : new Header(unitBytes, rounds, uuid, salt, room, check).write(base, checkKey);
  }

  /**
   * Another key for the same secret, by another salt, in place of this one.
   *
   * @param checkKey that of this header
   * @throws SecretSource.UnavailableException when the secret is not that of this header; nothing
   *     has been written then
   * @throws IOException when it could not be written, or only a part of it
   */
  Opened withAnotherKey(Backstore base, byte[] secret, byte[] checkKey) throws IOException {
    byte[] known = derive(secret, salt, rounds);
    byte[] found = Arrays.copyOfRange(known, KEY_BYTES, known.length);
    Arrays.fill(known, (byte) 0);
    if (!MessageDigest.isEqual(found, checkKey)) {
      throw new SecretSource.UnavailableException(
          "another secret than the one this store was made with", null);
    }
    return make(base, secret, unitBytes, rounds, uuid, sizeBytes);
  }

  /**
   * Writes both copies, the one that is read first last, so that it is whole only with the other.
   */
  Header write(Backstore base, byte[] checkKey) throws IOException {
    ByteBuffer area = ByteBuffer.allocateDirect(areaBytes(base));
    area.putLong(MAGIC).putInt(VERSION).putInt(unitBytes).putInt(rounds);
    area.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    area.put(salt).putLong(sizeBytes);
    byte[] signed = mac(checkKey, area);
    area.put(signed).putInt(crc(area));
    area.clear();
    BaseIo.write(base, COPY_OFFSET, area, true);
    BaseIo.flush(base);
    BaseIo.write(base, 0, area, true);
    BaseIo.flush(base);
    return new Header(unitBytes, rounds, uuid, salt, sizeBytes, signed);
  }

  private static int areaBytes(Backstore base) {
    return Math.max(AREA_BYTES, base.blockBytes());
  }

  private static int crc(ByteBuffer area) {
    CRC32C crc = new CRC32C();
    crc.update(area.duplicate().position(0).limit(BYTES - 4));
    return (int) crc.getValue();
  }

  private static byte[] mac(byte[] key, ByteBuffer area) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(area.duplicate().position(0).limit(76));
      return mac.doFinal();
    } catch (GeneralSecurityException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  /** PBEKeySpec takes characters, so the secret goes in as hexadecimal digits. */
  private static byte[] derive(byte[] secret, byte[] salt, int rounds) {
    char[] digits = HexFormat.of().formatHex(secret).toCharArray();
    PBEKeySpec spec = new PBEKeySpec(digits, salt, rounds, (KEY_BYTES + CHECK_BYTES) * 8);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    } finally {
      spec.clearPassword();
      Arrays.fill(digits, '0');
    }
  }
}
