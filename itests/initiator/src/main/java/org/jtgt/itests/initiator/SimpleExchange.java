// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** A request with exactly one response PDU. */
final class SimpleExchange extends Exchange {
  private final Class<? extends Response> expected;

  SimpleExchange(int itt, int cmdSn, Class<? extends Response> expected) {
    super(itt, cmdSn);
    this.expected = expected;
  }

  @Override
  void accept(Response response, Connection connection) {
    if (!expected.isInstance(response)) {
      throw new ProtocolViolation(
          "11.2.1.8", "not a " + expected.getSimpleName() + " response: " + response.pdu());
    }
    finish();
  }
}
