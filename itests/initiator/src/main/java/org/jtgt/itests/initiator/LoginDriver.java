// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** Carries a {@link LoginNegotiator}'s texts over a channel, with the C bit where they are long. */
public final class LoginDriver {

  /**
   * A login that reached the full feature phase.
   *
   * @param last the final Login Response
   * @param keys every key that the target sent
   */
  public record Outcome(Response.Login last, OperationalParameters parameters, TextKeys keys) {}

  private static final int ITT = 1;

  private final PduChannel channel;
  private final LoginOptions options;
  private Optional<Response.Login> previous = Optional.empty();

  private LoginDriver(PduChannel channel, LoginOptions options) {
    this.channel = channel;
    this.options = options;
  }

  /**
   * Logs in and switches the channel to the digests that were agreed.
   *
   * @throws LoginException if the target refuses or redirects
   * @throws ProtocolViolation if the target breaks a rule of RFC 7143 6.3 or 11.13
   */
  public static Outcome login(PduChannel channel, LoginOptions options) throws IOException {
    return new LoginDriver(channel, options).run();
  }

  private Outcome run() throws IOException {
    LoginNegotiator negotiator = new LoginNegotiator(options);
    Optional<LoginNegotiator.Step> step = Optional.of(negotiator.first());
    while (step.isPresent()) {
      TextKeys answer = exchange(step.get());
      Response.Login last = previous.orElseThrow();
      if (last.transit() && !step.get().transit()) {
        throw new ProtocolViolation("11.13.2", "T in the response, not in the request");
      }
      step = negotiator.next(answer, last.transit(), last.csg(), last.nsg());
    }
    Response.Login last = previous.orElseThrow();
    if (last.tsih() == 0) {
      throw new ProtocolViolation("11.13.4", "TSIH 0 in the final Login Response");
    }
    OperationalParameters parameters = negotiator.parameters();
    channel.useDigests(parameters.digests());
    return new Outcome(last, parameters, negotiator.fromTarget());
  }

  private TextKeys exchange(LoginNegotiator.Step step) throws IOException {
    byte[] text = step.keys().encode();
    int at = 0;
    while (text.length - at > options.maxRequestBytes()) {
      byte[] part = Arrays.copyOfRange(text, at, at + options.maxRequestBytes());
      Response.Login empty = roundTrip(step, part, true);
      if (empty.pdu().dataBytes() > 0) {
        throw new ProtocolViolation("6.2", "text in the answer to a request with the C bit");
      }
      at += part.length;
    }
    Response.Login response = roundTrip(step, Arrays.copyOfRange(text, at, text.length), false);
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.writeBytes(response.pdu().data());
    while (response.more()) {
      response =
          roundTrip(
              new LoginNegotiator.Step(TextKeys.EMPTY, false, step.csg(), 0), new byte[0], false);
      answer.writeBytes(response.pdu().data());
    }
    return TextKeys.parse(answer.toByteArray());
  }

  private Response.Login roundTrip(LoginNegotiator.Step step, byte[] part, boolean more)
      throws IOException {
    boolean transit = step.transit() && !more;
    channel.send(
        new Request.Login(
                transit,
                more,
                step.csg(),
                transit ? step.nsg() : 0,
                0,
                0,
                options.isid(),
                options.tsih(),
                ITT,
                options.cid(),
                options.cmdSn(),
                previous.map(r -> r.statSn() + 1).orElse(0),
                part)
            .toPdu());
    Pdu pdu = channel.receive();
    if (!(Response.of(pdu) instanceof Response.Login response)) {
      throw new ProtocolViolation("6.3", "during login: " + pdu);
    }
    check(response);
    previous = Optional.of(response);
    return response;
  }

  private void check(Response.Login response) throws LoginException {
    if (response.status() != 0) {
      throw new LoginException(response);
    }
    if (response.itt() != ITT) {
      throw new ProtocolViolation("11.13", "another Initiator Task Tag: " + response.pdu());
    }
    if (response.isid() != options.isid()) {
      throw new ProtocolViolation("11.13", "another ISID: " + response.pdu());
    }
    if (response.transit() && response.more()) {
      throw new ProtocolViolation("11.13.2", "T and C together: " + response.pdu());
    }
    if (previous.isPresent() && response.statSn() != previous.get().statSn() + 1) {
      throw new ProtocolViolation(
          "11.13.1", "StatSN " + response.statSn() + " after " + previous.get().statSn());
    }
  }
}
