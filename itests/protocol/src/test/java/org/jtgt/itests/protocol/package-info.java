// SPDX-License-Identifier: Apache-2.0
/**
 * Conformance tests of an iSCSI target, PDU by PDU. Each test is named by what it checks and cites
 * its section; where the RFC leaves the target a choice, every allowed behaviour passes.
 *
 * <p>{@code mvn verify} runs them against the distribution that it built. Against another target:
 *
 * <pre>{@code
 * mvn -pl itests/protocol -am verify -Djtgt.test.portal=127.0.0.1:3260 \
 *     -Djtgt.test.target=iqn.2026-11.org.jtgt:example -Djtgt.test.luns=0,1
 * }</pre>
 *
 * <p>The tests write to both disks. The target comes from {@link
 * org.jtgt.itests.protocol.TargetUnderTest}.
 */
@NullMarked
package org.jtgt.itests.protocol;

import org.jspecify.annotations.NullMarked;
