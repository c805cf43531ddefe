// SPDX-License-Identifier: Apache-2.0

/**
 * How bundles show their live state (sessions, logical units, portals) to whoever administers the
 * container, and what they have to say to configurations. A package of its own, so that neither
 * side depends on the other's bundle.
 */
@Export
@Version("1.2.0")
@NullMarked
package org.jtgt.state;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
