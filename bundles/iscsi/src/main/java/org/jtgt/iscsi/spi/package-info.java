// SPDX-License-Identifier: Apache-2.0

/**
 * What other bundles bring to the transport, or learn of it: a {@link
 * org.jtgt.iscsi.spi.CredentialSource} brings CHAP credentials from elsewhere than Configuration
 * Admin; the {@link org.jtgt.iscsi.spi.TargetDirectory} tells a name server's client what to
 * announce.
 */
@Export
@Version("1.1.0")
@NullMarked
package org.jtgt.iscsi.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
