// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

import java.util.HexFormat;

/**
 * A SCSI port as its transport names it (SAM-5 4.5.4, SPC-5 7.6.4).
 *
 * @param deviceName name of the SCSI device that holds the port (an iSCSI name)
 * @param portName name of the port, world-wide unique: for iSCSI {@code <name>,i,0x<ISID>} or
 *     {@code <name>,t,0x<TPGT>}
 * @param protocol PROTOCOL IDENTIFIER (SPC-5 7.6.1): 5 for iSCSI
 * @param transportId TransportID in hexadecimal digits (SPC-5 7.6.4); empty for target ports
 */
public record ScsiPort(String deviceName, String portName, int protocol, String transportId) {
  public ScsiPort {
    HexFormat.of().parseHex(transportId);
    if (deviceName.isEmpty() || portName.isEmpty()) {
      throw new IllegalArgumentException("a SCSI port has a device name and a port name");
    }
    if (protocol < 0 || protocol > 15) {
      throw new IllegalArgumentException("protocol identifier " + protocol + ", allowed 0 to 15");
    }
  }
}
