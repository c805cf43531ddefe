// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.RecoveringSession;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;

/**
 * Random reads and writes, many at once, of a disk whose content is known: every byte that is read
 * is compared.
 */
final class VerifiedLoad {
  private static final int SLOTS = 12;
  private static final int SLOT_BLOCKS = 512;
  private static final int BLOCK_BYTES = TestedTarget.BLOCK_BYTES;

  private final RecoveringSession session;
  private final long lun;
  private final long firstBlock;
  private final Random random;
  private final byte[] expected = new byte[SLOTS * SLOT_BLOCKS * BLOCK_BYTES];
  private long commands;
  private long bytes;

  VerifiedLoad(RecoveringSession session, long lun, long firstBlock, long seed) {
    this.session = session;
    this.lun = lun;
    this.firstBlock = firstBlock;
    this.random = new Random(seed);
  }

  /** Clears unit attentions and writes everything once. */
  void prepare() throws IOException {
    ScsiResult result;
    do {
      result = session.execute(ScsiCommand.none(lun, Cdb.testUnitReady()));
    } while (result.sense().filter(sense -> sense.key() == Sense.UNIT_ATTENTION).isPresent());
    List<ScsiCommand> writes = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      writes.add(write(slot * SLOT_BLOCKS, SLOT_BLOCKS));
    }
    session.executeAll(writes).forEach(ScsiResult::requireGood);
  }

  /** One round: a command for each slot, all at once. */
  void round() throws IOException {
    List<ScsiCommand> round = new ArrayList<>();
    List<byte[]> wanted = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      int from = random.nextInt(SLOT_BLOCKS);
      // Mostly short, at times as long as the slot.
      int most = random.nextInt(4) == 0 ? SLOT_BLOCKS : 16;
      int blocks = 1 + random.nextInt(Math.min(most, SLOT_BLOCKS - from));
      int at = slot * SLOT_BLOCKS + from;
      if (random.nextBoolean()) {
        round.add(write(at, blocks));
        wanted.add(new byte[0]);
      } else {
        round.add(ScsiCommand.in(lun, Cdb.read16(firstBlock + at, blocks), blocks * BLOCK_BYTES));
        wanted.add(Arrays.copyOfRange(expected, at * BLOCK_BYTES, (at + blocks) * BLOCK_BYTES));
      }
      bytes += (long) blocks * BLOCK_BYTES;
    }
    List<ScsiResult> results = session.executeAll(round);
    for (int slot = 0; slot < SLOTS; slot++) {
      results.get(slot).requireGood();
      if (wanted.get(slot).length > 0
          && !Arrays.equals(results.get(slot).data(), wanted.get(slot))) {
        assertThat(results.get(slot).data())
            .as("data of slot " + slot + " after " + commands + " commands")
            .isEqualTo(wanted.get(slot));
      }
      commands++;
    }
  }

  /** Reads everything back. */
  void readBack() throws IOException {
    for (int slot = 0; slot < SLOTS; slot++) {
      int at = slot * SLOT_BLOCKS;
      byte[] data =
          session
              .execute(
                  ScsiCommand.in(
                      lun, Cdb.read16(firstBlock + at, SLOT_BLOCKS), SLOT_BLOCKS * BLOCK_BYTES))
              .requireGood()
              .data();
      assertThat(data)
          .isEqualTo(
              Arrays.copyOfRange(expected, at * BLOCK_BYTES, (at + SLOT_BLOCKS) * BLOCK_BYTES));
    }
  }

  private ScsiCommand write(int at, int blocks) {
    byte[] data = new byte[blocks * BLOCK_BYTES];
    random.nextBytes(data);
    System.arraycopy(data, 0, expected, at * BLOCK_BYTES, data.length);
    return ScsiCommand.out(lun, Cdb.write16(firstBlock + at, blocks), data);
  }

  @Override
  public String toString() {
    return commands + " commands, " + (bytes >> 20) + " MiB";
  }
}
