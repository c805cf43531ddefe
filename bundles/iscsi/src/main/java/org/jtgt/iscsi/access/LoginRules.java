// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.CredentialSource;
import org.jtgt.iscsi.spi.LoginContext;

/**
 * All accounts, access rules and policies in force, and what they say for one login.
 *
 * <p>Thread rules: any thread.
 */
public final class LoginRules implements CredentialSource {
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Map<String, AccessRule> rules = new ConcurrentHashMap<>();
  private final Map<String, Policy> policies = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Runs something after each change of who may log in, or with what view. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  public void put(Account account) {
    accounts.put(account.pid(), account);
  }

  public void put(AccessRule rule) {
    if (!rule.equals(rules.put(rule.pid(), rule))) {
      listeners.forEach(Runnable::run);
    }
  }

  public void put(Policy policy) {
    policies.put(policy.pid(), policy);
  }

  /** Forgets what a configuration made. */
  public void remove(String pid) {
    accounts.remove(pid);
    policies.remove(pid);
    if (rules.remove(pid) != null) {
      listeners.forEach(Runnable::run);
    }
  }

  public Collection<Account> accounts() {
    return List.copyOf(accounts.values());
  }

  public Collection<AccessRule> rules() {
    return List.copyOf(rules.values());
  }

  public Collection<Policy> policies() {
    return List.copyOf(policies.values());
  }

  /** True when a rule is about the target: then only those come in that a rule admits. */
  public boolean guarded(Asker asker) {
    return rules.values().stream().anyMatch(rule -> rule.about(asker));
  }

  /** The rule that lets the asker in: the one that names it most closely, then by name. */
  public Optional<AccessRule> admitting(Asker asker) {
    return rules.values().stream()
        .filter(rule -> rule.about(asker) && rule.admits(asker))
        .min(
            Comparator.comparingInt(AccessRule::closeness)
                .reversed()
                .thenComparing(AccessRule::name));
  }

  /** What the policies say for a login. */
  public Terms terms(Asker asker, Terms general) {
    return Terms.of(asker, List.copyOf(policies.values()), general);
  }

  @Override
  public boolean guards(LoginContext login) {
    return accounts.values().stream().anyMatch(account -> account.guards(login));
  }

  @Override
  public Optional<ChapCredential> find(LoginContext login, String user) {
    return accounts.values().stream()
        .filter(account -> account.serves(login) && account.user().equals(user))
        .sorted(Comparator.comparing(Account::name))
        .flatMap(account -> account.credential().stream())
        .filter(this::separate)
        .findFirst();
  }

  /**
   * A secret proves initiators or targets, never both (RFC 7143 9.2.1): whoever may prove himself
   * as the target with it could do so as an initiator.
   */
  private boolean separate(ChapCredential credential) {
    return conflicts(credential).isEmpty();
  }

  /** The name of an account that uses a secret of the credential the other way round. */
  public Optional<String> conflicts(ChapCredential credential) {
    return accounts.values().stream()
        .filter(other ->
            other
                .credential()
                .filter(theirs ->
                    theirs.own().filter(own -> own.secret().equals(credential.secret())).isPresent()
                        || credential
                            .own()
                            .filter(own -> own.secret().equals(theirs.secret()))
                            .isPresent())
                .isPresent())
        .map(Account::name)
        .sorted()
        .findFirst();
  }
}
