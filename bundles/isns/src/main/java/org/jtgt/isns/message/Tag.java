// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns.message;

/** Attribute tags (RFC 4171 6.1). */
public final class Tag {
  public static final int DELIMITER = 0;
  public static final int ENTITY_IDENTIFIER = 1;
  public static final int ENTITY_PROTOCOL = 2;
  public static final int REGISTRATION_PERIOD = 6;
  public static final int PORTAL_IP_ADDRESS = 16;
  public static final int PORTAL_PORT = 17;
  public static final int PORTAL_SYMBOLIC_NAME = 18;
  public static final int ESI_INTERVAL = 19;
  public static final int ESI_PORT = 20;
  public static final int ISCSI_NAME = 32;
  public static final int ISCSI_NODE_TYPE = 33;
  public static final int ISCSI_ALIAS = 34;
  public static final int PG_PORTAL_IP_ADDRESS = 49;
  public static final int PG_PORTAL_PORT = 50;
  public static final int PORTAL_GROUP_TAG = 51;

  private Tag() {}
}
