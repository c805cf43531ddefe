// SPDX-License-Identifier: Apache-2.0
/**
 * Conformance tests of an iSCSI target, PDU by PDU. Each test is named by what it checks and cites
 * its section; where the RFC leaves the target a choice, every allowed behaviour passes.
 *
 * <p>The target comes from {@link org.jtgt.itests.protocol.TargetUnderTest}.
 */
package org.jtgt.itests.protocol;
