// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test the one {@link Daemon} of the run. */
final class DaemonUnderTest implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(DaemonUnderTest.class);

  private record Running(Daemon daemon) implements ExtensionContext.Store.CloseableResource {
    @Override
    public void close() throws Throwable {
      daemon.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Daemon.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent("daemon", key -> start(), Running.class)
        .daemon();
  }

  private static Running start() {
    try {
      return new Running(new Daemon());
    } catch (Exception e) {
      throw new IllegalStateException("the daemon did not start", e);
    }
  }
}
