// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import java.net.InetSocketAddress;
import java.util.ServiceLoader;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test the one {@link TestedTarget} of the run. It is
 *
 * <ul>
 *   <li>the one that {@code jtgt.test.portal} (host:port) and {@code jtgt.test.target} (iSCSI name)
 *       name; {@code jtgt.test.luns} (disk,other disk; default 0,1) suits targets whose LUN 0 is no
 *       disk;
 *   <li>else the one that a {@link TargetStarter} starts;
 *   <li>else there is none, and every test fails: nothing is skipped.
 * </ul>
 */
public final class TargetUnderTest implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(TargetUnderTest.class);

  private record Running(TestedTarget target, AutoCloseable end)
      implements ExtensionContext.Store.CloseableResource {
    @Override
    public void close() throws Throwable {
      end.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestedTarget.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent("target", key -> find(), Running.class)
        .target();
  }

  private static Running find() {
    String portal = System.getProperty("jtgt.test.portal", "");
    if (!portal.isEmpty()) {
      return new Running(named(portal), () -> {});
    }
    TargetStarter starter =
        ServiceLoader.load(TargetStarter.class)
            .findFirst()
            .orElseThrow(() ->
                new IllegalStateException(
                    "no target: set jtgt.test.portal and jtgt.test.target, or put a "
                        + TargetStarter.class.getName()
                        + " on the class path"));
    try {
      return new Running(starter.start(), starter);
    } catch (Exception e) {
      throw new IllegalStateException("the target did not start", e);
    }
  }

  private static TestedTarget named(String portal) {
    int colon = portal.lastIndexOf(':');
    String[] luns = System.getProperty("jtgt.test.luns", "0,1").split(",");
    String name = System.getProperty("jtgt.test.target", "");
    if (colon < 0 || name.isEmpty() || luns.length != 2) {
      throw new IllegalStateException(
          "jtgt.test.portal is host:port, jtgt.test.target an iSCSI name, jtgt.test.luns two LUNs");
    }
    return new TestedTarget(
        new InetSocketAddress(
            portal.substring(0, colon), Integer.parseInt(portal.substring(colon + 1))),
        name,
        Integer.parseInt(luns[0]),
        Integer.parseInt(luns[1]),
        99);
  }
}
