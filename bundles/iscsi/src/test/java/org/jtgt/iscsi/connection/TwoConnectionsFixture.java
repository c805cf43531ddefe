// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.junit.jupiter.api.AfterEach;

/** An initiator with two connections. */
abstract class TwoConnectionsFixture extends TargetFixture {
  final Initiator first = new Initiator(environment);

  final Initiator second = new Initiator(environment);

  int tsih;

  @AfterEach
  void nothingIsLeft() {
    expectNothingLeft(first, second);
  }

  /** Work of one connection may be work for the other. */
  @Override
  void settle() {
    for (int i = 0; i < 3; i++) {
      first.wire.runLoop();
      second.wire.runLoop();
    }
  }
}
