// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.util.promise.Promises;

@NullUnmarked // as the API that it stands for
class RetriesTest {
  private final List<String> calls = new ArrayList<>();
  private final List<ComponentConfigurationDTO> components = new ArrayList<>();
  private final Retries retries = new Retries(runtime(), pid -> calls.add("hide " + pid));

  private void component(String name, String policy, String pid, int state) {
    var description = new ComponentDescriptionDTO();
    description.name = name;
    description.configurationPolicy = policy;
    description.configurationPid = new String[] {name};
    var component = new ComponentConfigurationDTO();
    component.description = description;
    component.state = state;
    component.properties = Map.of("service.pid", pid);
    components.add(component);
  }

  private ServiceComponentRuntime runtime() {
    return (ServiceComponentRuntime)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ServiceComponentRuntime.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getComponentDescriptionDTOs" ->
                      components.stream().map(c -> c.description).distinct().toList();
                  case "getComponentConfigurationDTOs" ->
                      components.stream().filter(c -> c.description == arguments[0]).toList();
                  case "disableComponent" -> told("disable ", arguments[0]);
                  case "enableComponent" -> told("enable ", arguments[0]);
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  private Object told(String what, Object component) {
    calls.add(what + ((ComponentDescriptionDTO) component).name);
    return Promises.resolved(null);
  }

  @Test
  void theConfigurationOfAComponentThatRunsWithDefaultsTooIsNeverHidden() {
    component("org.jtgt.iscsi", "optional", "org.jtgt.iscsi", failed());

    retries.accept("org.jtgt.iscsi");

    assertThat(calls).containsExactly("disable org.jtgt.iscsi", "enable org.jtgt.iscsi");
  }

  @Test
  void aComponentOfAFactoryIsTriedAgainWithoutItsNamesakes() {
    component("org.jtgt.file", "require", "org.jtgt.file~a", failed());
    component("org.jtgt.file", "require", "org.jtgt.file~b", ComponentConfigurationDTO.ACTIVE);

    retries.accept("org.jtgt.file~a");

    assertThat(calls).containsExactly("hide org.jtgt.file~a");
  }

  @Test
  void aComponentThatHasRecoveredByItselfIsLeftAlone() {
    component("org.jtgt.iscsi", "optional", "org.jtgt.iscsi", ComponentConfigurationDTO.ACTIVE);

    retries.accept("org.jtgt.iscsi");

    assertThat(calls).isEmpty();
  }

  private static int failed() {
    return ComponentConfigurationDTO.FAILED_ACTIVATION;
  }
}
