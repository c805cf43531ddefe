// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jtgt.iscsi.access.Account;
import org.jtgt.iscsi.access.NamePattern;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The configured CHAP accounts; never their secrets. */
@Component(service = StateSource.class, property = StateSource.KIND + "=account")
public final class AccountRows implements StateSource {
  private final AccessControl control;

  @Activate
  public AccountRows(@Reference AccessControl control) {
    this.control = control;
  }

  @Override
  public String kind() {
    return "account";
  }

  @Override
  public List<StateRow> rows() {
    return control.rules().accounts().stream().map(AccountRows::row).toList();
  }

  private static StateRow row(Account account) {
    Map<String, Object> values = new LinkedHashMap<>();
    condition(values, account.problem());
    values.put("user", account.user());
    values.put("mutual", account.credential().filter(c -> c.own().isPresent()).isPresent());
    values.put("discovery", account.discovery());
    names(values, "targets", account.targets());
    names(values, "initiators", account.initiators());
    return new StateRow(account.name(), account.pid(), values);
  }

  /** How an object is whose mistakes shut a door. */
  static void condition(Map<String, Object> values, String problem) {
    values.put("state", problem.isEmpty() ? "active" : "failed");
    if (!problem.isEmpty()) {
      values.put("reason", problem);
    }
  }

  static void names(Map<String, Object> values, String key, List<NamePattern> names) {
    if (!names.isEmpty()) {
      values.put(key, names.stream().map(NamePattern::text).toList());
    }
  }
}
