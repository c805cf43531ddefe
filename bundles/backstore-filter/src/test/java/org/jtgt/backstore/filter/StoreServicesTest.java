// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.backstore.Backstore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Stores whose service gives nothing when it is asked first. */
class StoreServicesTest {
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger givenBack = new AtomicInteger();
  private final Backstore store = fake(Backstore.class, (proxy, method, arguments) -> null);
  private int nothings;

  @SuppressWarnings("unchecked")
  private final ServiceReference<Backstore> reference =
      fake(
          ServiceReference.class,
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "getProperty" ->
                    switch ((String) arguments[0]) {
                      case Backstore.NAME -> "below";
                      case Backstore.VERSION -> "7";
                      default -> null;
                    };
                case "hashCode" -> 1;
                case "equals" -> proxy == arguments[0];
                default -> null;
              });

  private final BundleContext context =
      fake(
          BundleContext.class,
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "getServiceReferences" -> new ServiceReference<?>[] {reference};
                case "getService" -> asked.incrementAndGet() > nothings ? store : null;
                case "ungetService" -> givenBack.incrementAndGet() > 0;
                default -> null;
              });

  private final StoreServices services =
      new StoreServices(
          context,
          "below",
          new StoreServices.Listener() {
            @Override
            public void offered(Backstore offered, String version) {
              told.add("offered " + version);
            }

            @Override
            public void withdrawn(Backstore gone) {
              told.add("withdrawn");
            }
          });

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @AfterEach
  void close() {
    services.close();
  }

  @Test
  void aServiceThatGaveNothingIsAskedAgain() throws Exception {
    nothings = 1;
    services.open();
    assertThat(asked).hasValue(1);
    assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("offered 7");
    services.close();
    assertThat(told).containsExactly("withdrawn");
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void aServiceThatGivesItsStoreIsAskedOnce() {
    services.open();
    services.close();
    assertThat(told).containsExactly("offered 7", "withdrawn");
    assertThat(asked).hasValue(1);
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void aServiceThatGaveNothingAndGoesIsNotWithdrawn() {
    nothings = Integer.MAX_VALUE;
    services.open();
    services.close();
    assertThat(told).isEmpty();
    assertThat(givenBack).hasValue(0);
  }
}
