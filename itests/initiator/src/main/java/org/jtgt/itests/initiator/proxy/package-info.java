// SPDX-License-Identifier: Apache-2.0

/** A network between initiator and target that is faulty on purpose, PDU by PDU. */
@NullMarked
package org.jtgt.itests.initiator.proxy;

import org.jspecify.annotations.NullMarked;
