// SPDX-License-Identifier: Apache-2.0

/** Tests of the bundles inside a real container, with our own initiator from the outside. */
package org.jtgt.itests.container;
