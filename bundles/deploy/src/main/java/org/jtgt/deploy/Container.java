// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the deployer needs of the framework. Every method waits until it is done. */
interface Container {
  /** A step failed; the message is one line. */
  final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Whether a bundle of that symbolic name is installed. */
  boolean installed(String symbolicName);

  /** Whether the bundle installed under the symbolic name of a jar has that very content. */
  boolean contains(Jar jar);

  /**
   * Symbolic names of an installed bundle and of those that stop while it is replaced; none when it
   * is not installed.
   */
  Set<String> concerned(String symbolicName);

  /** Installs it without starting it. */
  void install(String symbolicName, Path jar) throws Failure;

  /**
   * Gives the installed bundle of that symbolic name another content; it ends stopped, with those
   * that are wired to it.
   */
  void update(String symbolicName, Path jar) throws Failure;

  /** Starts it now and at each start of the framework, then those that stopped for its sake. */
  void start(String symbolicName) throws Failure;

  /** Takes it out, when the deployer installed it; else gives it back its own content. */
  void retire(String symbolicName) throws Failure;
}
