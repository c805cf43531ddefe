// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.spi.ChapCredential;
import org.jtgt.iscsi.spi.LoginContext;

/**
 * CHAP (RFC 7143 12.1.3, RFC 1994), one-way and mutual.
 *
 * <p>Thread rules: any thread.
 */
public final class Chap implements AuthMethod {
  static final String NAME = "CHAP";

  /** What CHAP asks of the rest of the target. */
  public interface Users {
    /** The credential of a user for a login; empty when there is none. */
    Optional<ChapCredential> find(LoginContext login, String user);

    /** The limit of wrong answers. */
    FailureLimit failures();
  }

  /**
   * The configurable part.
   *
   * @param algorithms accepted ones, the preferred first
   * @param challengeBytes length of the target's challenges, 1 to 1024
   */
  public record Options(List<ChapAlgorithm> algorithms, int challengeBytes) {
    public Options {
      algorithms = List.copyOf(algorithms);
    }
  }

  private final Options options;
  private final Users users;
  private final SecureRandom random;

  public Chap(Options options, Users users, SecureRandom random) {
    this.options = options;
    this.users = users;
    this.random = random;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean owns(String key) {
    return key.startsWith("CHAP_");
  }

  @Override
  public Exchange begin(LoginContext login) {
    byte[] challenge = new byte[options.challengeBytes()];
    random.nextBytes(challenge);
    return new ChapExchange(options, users, login, random.nextInt(256), challenge);
  }
}
