// SPDX-License-Identifier: Apache-2.0
/**
 * A raw iSCSI initiator for tests and benchmarks, written from RFC 7143 and sharing no code with
 * the target.
 *
 * <p>It has two faces. {@link org.jtgt.itests.initiator.Session} behaves well and checks, PDU by
 * PDU, that the target does too. {@link org.jtgt.itests.initiator.PduChannel} with {@link
 * org.jtgt.itests.initiator.Pdu} sends whatever a test wants, right or wrong.
 *
 * <p>Nothing here starts a thread: replies are read while a caller waits for one. A session and its
 * connections are used by one thread at a time.
 */
@NullMarked
package org.jtgt.itests.initiator;

import org.jspecify.annotations.NullMarked;
