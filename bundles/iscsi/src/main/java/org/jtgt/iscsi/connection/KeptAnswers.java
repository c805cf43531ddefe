// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.session.CommandWindow;

/**
 * The numbered responses of one connection that the initiator has not acknowledged by ExpStatSN,
 * kept from recovery level 1 on to be sent again (RFC 7143 4.2.2.2, 11.16).
 *
 * <p>Not for several threads at once.
 */
final class KeptAnswers {
  /**
   * A response as it was sent.
   *
   * @param statSn its StatSN
   * @param bytes header and data segment, without digests and padding
   */
  record Answer(int statSn, byte[] bytes) {
    Bhs header() {
      return Bhs.of(bytes);
    }

    /** A SCSI Response with another SNACK Tag and ExpDataSN (RFC 7143 11.4.4, 11.4.8). */
    Answer with(int snackTag, int expDataSn) {
      ByteBuffer changed = ByteBuffer.wrap(bytes.clone());
      return new Answer(statSn, changed.putInt(20, snackTag).putInt(36, expDataSn).array());
    }
  }

  private final ArrayDeque<Answer> answers = new ArrayDeque<>();
  private int bytes;

  /** Keeps a response; the numbers follow on each other. */
  void keep(Answer answer) {
    answers.addLast(answer);
    bytes += answer.bytes.length;
  }

  /** Bytes kept. */
  int bytes() {
    return bytes;
  }

  List<Answer> all() {
    return List.copyOf(answers);
  }

  int count() {
    return answers.size();
  }

  /** Forgets what is acknowledged and shows it. */
  void acknowledge(int expStatSn, Consumer<Answer> acknowledged) {
    while (!answers.isEmpty() && CommandWindow.before(answers.peekFirst().statSn, expStatSn)) {
      Answer answer = answers.pollFirst();
      bytes -= answer.bytes.length;
      acknowledged.accept(answer);
    }
  }

  /**
   * The responses of a run.
   *
   * @param first StatSN of the first; with a run of 0 it may be 0 for all
   * @param run how many, 0 for all that follow
   * @return null when one of them was not sent or is acknowledged
   */
  @Nullable List<Answer> run(int first, int run) {
    List<Answer> found = new ArrayList<>();
    for (Answer answer : answers) {
      int at = answer.statSn - first;
      if (run == 0 ? first == 0 || at >= 0 : at >= 0 && at < run) {
        found.add(answer);
      }
    }
    boolean whole =
        run == 0
            ? first == 0 || (!found.isEmpty() && found.getFirst().statSn == first)
            : found.size() == run;
    return whole ? found : null;
  }

  /** The response that carries a StatSN is another one from now on (RFC 7143 11.16.3). */
  void replace(Answer by) {
    List<Answer> all = List.copyOf(answers);
    answers.clear();
    for (Answer answer : all) {
      answers.addLast(answer.statSn == by.statSn ? by : answer);
    }
  }

  /** True when a response to a task is kept. */
  boolean has(int initiatorTaskTag) {
    return answers.stream().anyMatch(a -> a.header().initiatorTaskTag() == initiatorTaskTag);
  }

  /** Takes out the response to a task; null when there is none. */
  @Nullable Answer take(int initiatorTaskTag) {
    for (Answer answer : answers) {
      if (answer.header().initiatorTaskTag() == initiatorTaskTag) {
        answers.remove(answer);
        bytes -= answer.bytes.length;
        return answer;
      }
    }
    return null;
  }
}
