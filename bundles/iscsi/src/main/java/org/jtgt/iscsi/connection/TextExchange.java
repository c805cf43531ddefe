// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;
import org.jtgt.iscsi.pdu.TargetPdu.TextResponse;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.Negotiator;
import org.jtgt.iscsi.text.TextException;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.iscsi.text.TextValue;

/**
 * Text Requests in full feature phase (RFC 7143 11.10, 11.11): SendTargets and declarations, over
 * as many PDUs as they take.
 *
 * <p>Thread rules: the loop.
 */
final class TextExchange {
  private static final int MAX_TEXT_BYTES = 64 * 1024;
  private static final int CONTINUE = 0x40;
  private static final String ALL = "All";

  private final FullFeature connection;
  private final SessionIdentity identity;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private byte[] toSend = new byte[0];

  /** Bytes of it that have gone. */
  private int sent;

  private int transferTag = Bhs.NO_TAG;
  private int nextTransferTag = 1;
  private int initiatorTaskTag;
  private final List<TextPair> declarations = new ArrayList<>();

  TextExchange(FullFeature connection, SessionIdentity identity) {
    this.connection = connection;
    this.identity = identity;
  }

  /** Declares something in the next answer (RFC 7143 11.9.1, AsyncEvent 4). */
  void declare(TextPair pair) {
    declarations.removeIf(old -> old.key().equals(pair.key()));
    declarations.add(pair);
  }

  /** Takes a request; its data stays the caller's. */
  void request(Bhs header, ByteBuf data) {
    if (header.targetTransferTag() == Bhs.NO_TAG) {
      // A new exchange ends an unfinished one (RFC 7143 11.10.4).
      reset();
      initiatorTaskTag = header.initiatorTaskTag();
    } else if (header.targetTransferTag() != transferTag
        || header.initiatorTaskTag() != initiatorTaskTag) {
      connection.reject(RejectReason.INVALID_PDU_FIELD, header, "text exchange is not known");
      return;
    }
    boolean continues = (header.flags() & CONTINUE) != 0;
    if ((continues && header.finalBit())
        || received.size() + data.readableBytes() > MAX_TEXT_BYTES) {
      reset();
      connection.reject(RejectReason.PROTOCOL_ERROR, header, "text with F and C, or too long");
      return;
    }
    byte[] bytes = new byte[data.readableBytes()];
    data.getBytes(data.readerIndex(), bytes);
    received.writeBytes(bytes);
    if (continues) {
      respond(header, false, false, new byte[0]);
      return;
    }
    try {
      if (received.size() > 0) {
        List<TextPair> answers = answers(TextPair.parse(received.toByteArray()));
        toSend = concat(toSend, TextPair.encode(answers));
        received.reset();
      }
      if (!declarations.isEmpty()) {
        toSend = concat(toSend, TextPair.encode(declarations));
        declarations.clear();
      }
    } catch (TextException e) {
      reset();
      connection.reject(RejectReason.PROTOCOL_ERROR, header, e.reason());
      return;
    }
    sendPart(header);
  }

  private void sendPart(Bhs header) {
    int max = connection.parameters().initiatorMaxRecvDataSegmentLength();
    if (toSend.length - sent > max) {
      byte[] part = Arrays.copyOfRange(toSend, sent, sent + max);
      sent += max;
      respond(header, false, true, part);
      return;
    }
    byte[] rest = Arrays.copyOfRange(toSend, sent, toSend.length);
    toSend = new byte[0];
    sent = 0;
    respond(header, header.finalBit(), false, rest);
  }

  private void respond(Bhs header, boolean finalBit, boolean continues, byte[] text) {
    if (finalBit) {
      transferTag = Bhs.NO_TAG;
    } else if (transferTag == Bhs.NO_TAG) {
      transferTag = nextTransferTag++ & 0x7fffffff;
    }
    connection.send(
        new TextResponse(finalBit, continues, header.lun(), header.initiatorTaskTag(), transferTag),
        text);
  }

  private List<TextPair> answers(List<TextPair> pairs) throws TextException {
    List<TextPair> answers = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    List<TextPair> others = new ArrayList<>();
    for (TextPair pair : pairs) {
      if (!keys.add(pair.key())) {
        // A key comes once (RFC 7143 6.2); the list of targets is long enough.
        throw new TextException(pair.key() + " was sent twice");
      }
      Optional<Key> key = Key.of(pair.key());
      if (key.isPresent() && key.get() == Key.SEND_TARGETS) {
        answers.addAll(sendTargets(pair.value()));
      } else if (key.isPresent() && key.get().use() != Key.Use.ANY) {
        // Keys of the login phase are not allowed here (RFC 7143 clause 13, "Use").
        answers.add(new TextPair(pair.key(), TextValue.REJECT));
      } else {
        others.add(pair);
      }
    }
    Negotiator negotiator = new Negotiator(Map.of());
    switch (negotiator.negotiate(others)) {
      case Negotiator.Outcome.Answers(List<TextPair> given) -> {
        answers.addAll(given);
        if (others.stream().anyMatch(p -> isMaxRecv(p.key()))) {
          connection.initiatorMaxRecvDataSegmentLength(
              Integer.parseInt(negotiator.result(Key.MAX_RECV_DATA_SEGMENT_LENGTH)));
        }
      }
      case Negotiator.Outcome.Failed(List<TextPair> given, String _) -> answers.addAll(given);
    }
    return answers;
  }

  private static boolean isMaxRecv(String key) {
    return key.equals(Key.MAX_RECV_DATA_SEGMENT_LENGTH.text());
  }

  /** RFC 7143 13.3, appendix C: All only in a discovery session, "" only in a normal one. */
  private List<TextPair> sendTargets(String value) {
    if (value.equals(ALL)) {
      return identity.discovery()
          ? connection.targets(Optional.empty())
          : List.of(new TextPair(Key.SEND_TARGETS.text(), TextValue.REJECT));
    }
    if (value.isEmpty()) {
      return identity.discovery()
          ? List.of(new TextPair(Key.SEND_TARGETS.text(), TextValue.REJECT))
          : connection.targets(Optional.of(identity.targetName()));
    }
    if (!identity.discovery() && !value.equalsIgnoreCase(identity.targetName())) {
      return List.of();
    }
    return connection.targets(Optional.of(value));
  }

  private void reset() {
    received.reset();
    toSend = new byte[0];
    sent = 0;
    transferTag = Bhs.NO_TAG;
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
