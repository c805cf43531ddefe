// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.access.Account;
import org.jtgt.iscsi.access.LoginRules;
import org.jtgt.iscsi.access.SecretText;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.ChapSecret;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** A configured CHAP account. A wrong one stays, shut: it must not leave its target open. */
@Component(
    service = {},
    immediate = true,
    configurationPid = AccessControl.ACCOUNT,
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    name = AccessControl.ACCOUNT)
@Designate(ocd = AccountConfig.class, factory = true)
public final class AccountComponent {
  private final AccessControl control;
  private final String pid;

  @Activate
  public AccountComponent(
      @Reference AccessControl control, AccountConfig config, Map<String, Object> properties) {
    this.control = control;
    this.pid = AccessControl.pid(properties, AccessControl.ACCOUNT);
    modified(config);
  }

  @Modified
  void modified(AccountConfig config) {
    Account account = account(pid, config, control.rules());
    control.rules().put(account);
    control.inForce(pid, account.problem());
  }

  @Deactivate
  void deactivate(int reason) {
    control.gone(pid, reason);
  }

  /**
   * The account that a configuration stands for; with its problem, when it is wrong.
   *
   * @param rules the other accounts
   */
  static Account account(String pid, AccountConfig config, LoginRules rules) {
    String name = AccessControl.instance(pid);
    String user = config.user().isEmpty() ? name : config.user();
    Optional<ChapCredential> credential = Optional.empty();
    String problem = "";
    Patterns patterns = new Patterns();
    try {
      credential = Optional.of(credential(config, name, user));
      problem =
          rules
              .conflicts(credential.get())
              .filter(other -> !other.equals(name))
              .map(other ->
                  "account "
                      + other
                      + " uses a secret of it in the other direction; allowed: a secret proves"
                      + " initiators or targets, not both (RFC 7143 9.2.1)")
              .orElse("");
    } catch (IllegalArgumentException e) {
      problem = String.valueOf(e.getMessage());
    }
    var targets = patterns.read("targets", config.targets());
    var initiators = patterns.read("initiators", config.initiators());
    if (!patterns.problem().isEmpty()) {
      // For whom it is meant is not known: it guards all and serves none.
      credential = Optional.empty();
      problem = patterns.problem();
      targets = List.of();
    }
    return new Account(
        name, pid, user, credential, targets, initiators, config.discovery(), problem);
  }

  private static ChapCredential credential(AccountConfig config, String name, String user) {
    ChapSecret secret =
        secret("secret", config.secret(), config.secretFile())
            .orElseThrow(
                () -> new IllegalArgumentException("no secret; allowed: secret or secretFile"));
    Optional<ChapCredential.Own> own =
        secret("targetSecret", config.targetSecret(), config.targetSecretFile())
            .map(proof ->
                new ChapCredential.Own(
                    config.targetUser().isEmpty() ? name : config.targetUser(), proof));
    return new ChapCredential(user, secret, own);
  }

  private static Optional<ChapSecret> secret(String key, String text, String file) {
    if (!text.isEmpty() && !file.isEmpty()) {
      throw new IllegalArgumentException(key + " and " + key + "File; allowed: one of them");
    }
    try {
      if (!text.isEmpty()) {
        return Optional.of(SecretText.parse(text));
      }
      return file.isEmpty() ? Optional.empty() : Optional.of(SecretText.read(Path.of(file)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }
}
