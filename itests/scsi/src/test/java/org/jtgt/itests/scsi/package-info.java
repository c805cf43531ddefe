// SPDX-License-Identifier: Apache-2.0
/**
 * What a disk must do, written from SAM-5, SPC-4 and SBC-3 and checked with an initiator that
 * shares no code with the target. A command that the target does not claim (REPORT SUPPORTED
 * OPERATION CODES) is not tested, and {@code OperationCodesTest} checks that it is refused.
 */
package org.jtgt.itests.scsi;
