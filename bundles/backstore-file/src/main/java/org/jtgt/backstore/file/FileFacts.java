// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

/**
 * What a file is, found once when it is opened.
 *
 * @param key the same for every path that leads to this file or device
 * @param device number of the device, or of the one below the file system: major in the upper half
 * @param blockDevice whether it is a block device
 * @param sizeBytes its size
 * @param blockBytes the smallest I/O that it takes
 * @param physicalBlockBytes the unit that is written without a read-modify-write
 * @param unmapGranularityBytes granularity of holes, 0 when there can be none
 */
record FileFacts(
    String key,
    long device,
    boolean blockDevice,
    long sizeBytes,
    int blockBytes,
    int physicalBlockBytes,
    int unmapGranularityBytes) {}
