// SPDX-License-Identifier: Apache-2.0

/**
 * Where CHAP credentials come from: a bundle registers a {@link
 * org.jtgt.iscsi.spi.CredentialSource} to bring them from elsewhere than Configuration Admin.
 */
@Export
@Version("1.0.0")
@NullMarked
package org.jtgt.iscsi.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
