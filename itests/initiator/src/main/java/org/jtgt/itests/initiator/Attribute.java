// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** Task attributes, the ATTR values of RFC 7143 11.3.1.2. */
public final class Attribute {
  public static final int UNTAGGED = 0;
  public static final int SIMPLE = 1;
  public static final int ORDERED = 2;
  public static final int HEAD_OF_QUEUE = 3;
  public static final int ACA = 4;

  private Attribute() {}
}
