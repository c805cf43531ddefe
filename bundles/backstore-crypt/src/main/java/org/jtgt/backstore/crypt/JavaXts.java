// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** XTS over the JDK's AES in ECB mode, which has no XTS of its own. */
final class JavaXts implements Xts {
  private static final int BLOCK_BYTES = 16;

  /** The reduction of x^128 + x^7 + x^2 + x + 1 (IEEE 1619 5.2). */
  private static final int FEEDBACK = 0x87;

  private final byte[] dataKey;
  private final byte[] tweakKey;
  private final ConcurrentLinkedQueue<Ciphers> idle = new ConcurrentLinkedQueue<>();

  JavaXts(byte[] key) {
    dataKey = Arrays.copyOf(key, key.length / 2);
    tweakKey = Arrays.copyOfRange(key, key.length / 2, key.length);
  }

  private record Ciphers(Cipher encrypt, Cipher decrypt, Cipher tweak) {}

  private Ciphers take() throws GeneralSecurityException {
    Ciphers found = idle.poll();
    return found != null
        ? found
        : new Ciphers(
            cipher(Cipher.ENCRYPT_MODE, dataKey),
            cipher(Cipher.DECRYPT_MODE, dataKey),
            cipher(Cipher.ENCRYPT_MODE, tweakKey));
  }

  private static Cipher cipher(int mode, byte[] key) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"));
    return cipher;
  }

  @Override
  public void crypt(boolean encrypt, ByteBuffer data, int unitBytes, long firstUnit) {
    try {
      Ciphers ciphers = take();
      byte[] unit = new byte[unitBytes];
      byte[] tweaks = new byte[unitBytes];
      long number = firstUnit;
      for (int at = data.position(); at < data.limit(); at += unitBytes) {
        tweaks(ciphers.tweak(), number++, tweaks);
        data.get(at, unit);
        xor(unit, tweaks);
        Cipher cipher = encrypt ? ciphers.encrypt() : ciphers.decrypt();
        cipher.doFinal(unit, 0, unitBytes, unit, 0);
        xor(unit, tweaks);
        data.put(at, unit);
      }
      idle.add(ciphers);
    } catch (GeneralSecurityException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  /** The tweak of each block of a unit: E(number) times the primitive element, again and again. */
  private static void tweaks(Cipher cipher, long number, byte[] tweaks)
      throws GeneralSecurityException {
    byte[] first = new byte[BLOCK_BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      first[i] = (byte) (number >>> 8 * i);
    }
    cipher.doFinal(first, 0, BLOCK_BYTES, tweaks, 0);
    for (int at = BLOCK_BYTES; at < tweaks.length; at += BLOCK_BYTES) {
      int carry = 0;
      for (int i = 0; i < BLOCK_BYTES; i++) {
        int octet = tweaks[at - BLOCK_BYTES + i] & 0xFF;
        tweaks[at + i] = (byte) (octet << 1 | carry);
        carry = octet >>> 7;
      }
      if (carry != 0) {
        tweaks[at] ^= (byte) FEEDBACK;
      }
    }
  }

  private static void xor(byte[] data, byte[] with) {
    for (int i = 0; i < data.length; i++) {
      data[i] ^= with[i];
    }
  }

  @Override
  public String provider() {
    return "the JDK's AES";
  }

  @Override
  public void close() {
    Arrays.fill(dataKey, (byte) 0);
    Arrays.fill(tweakKey, (byte) 0);
    idle.clear();
  }
}
