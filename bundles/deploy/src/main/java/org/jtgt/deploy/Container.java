// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.nio.file.Path;

/** What the deployer needs of the framework. Every method waits until it is done. */
interface Container {
  /** A step failed; the message is one line. */
  final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Whether a bundle of that symbolic name is installed. */
  boolean installed(String symbolicName);

  /** Installs it without starting it. */
  void install(String symbolicName, Path jar) throws Failure;

  /** Gives the installed bundle of that symbolic name another content; it ends stopped. */
  void update(String symbolicName, Path jar) throws Failure;

  /** Starts it now and at each start of the framework. */
  void start(String symbolicName) throws Failure;

  /** Takes it out, when the deployer installed it; else gives it back its own content. */
  void retire(String symbolicName) throws Failure;
}
