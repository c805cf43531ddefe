// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.framework.Constants;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/**
 * Has SCR make failed components anew. SCR 2.2.18 does not do so for an update of the configuration
 * when the component has a modified method.
 *
 * <p>There are two ways, since neither suits all. A component of which there is one for each
 * configuration comes anew when that configuration was out of sight for a moment; to disable it
 * would take its namesakes down. A component that runs without a configuration too must not miss
 * its own for a moment, it would start with the defaults in its place, which may be more open than
 * what the operator asked for: it is disabled and enabled.
 */
final class Retries implements Consumer<String> {
  private final ServiceComponentRuntime runtime;
  private final Consumer<String> hide;

  /**
   * @param hide takes the configuration of that PID out of SCR's sight for a moment
   */
  Retries(ServiceComponentRuntime runtime, Consumer<String> hide) {
    this.runtime = runtime;
    this.hide = hide;
  }

  /** Tries the failed components of that PID again. */
  @Override
  public void accept(String pid) {
    List<ComponentDescriptionDTO> single = runningWithoutConfiguration(pid);
    if (single.isEmpty()) {
      hide.accept(pid);
      return;
    }
    single.stream()
        .filter(component -> failed(component, pid))
        .forEach(component ->
            runtime
                .disableComponent(component)
                .onResolve(() -> runtime.enableComponent(component)));
  }

  private List<ComponentDescriptionDTO> runningWithoutConfiguration(String pid) {
    var found = new ArrayList<ComponentDescriptionDTO>();
    for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
      if (!component.configurationPolicy.equals("require")
          && Arrays.asList(component.configurationPid).contains(pid)) {
        found.add(component);
      }
    }
    return found;
  }

  private boolean failed(ComponentDescriptionDTO description, String pid) {
    return runtime.getComponentConfigurationDTOs(description).stream()
        .anyMatch((ComponentConfigurationDTO component) ->
            component.state == ComponentConfigurationDTO.FAILED_ACTIVATION
                && Components.pids(component.properties.get(Constants.SERVICE_PID)).contains(pid));
  }
}
