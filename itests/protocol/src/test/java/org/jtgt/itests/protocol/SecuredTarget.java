// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jtgt.itests.initiator.Chap;
import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A daemon of its own for the tests that are about authentication, access and policies: the
 * distribution with accounts, rules and policies, one for the whole run. The disks of {@link
 * DistributionStarter} are shown by several targets, whose names end in
 *
 * <ul>
 *   <li>{@code chap}: one-way and mutual CHAP by the accounts {@link #USER} and {@link #MUTUAL};
 *   <li>{@code either}: CHAP is optional;
 *   <li>{@code acl}: what rules of the tests say;
 *   <li>{@code moved} and {@code gone}: redirected, for now and for good;
 *   <li>{@code terms}: a policy with its own values of keys.
 * </ul>
 */
final class SecuredTarget implements ExtensionContext.Store.CloseableResource {
  static final String SECRET = "initiator's own secret";
  static final String TARGET_SECRET = "the target's own secret";
  static final Chap.Credentials USER = Chap.Credentials.oneWay("alice", SECRET, 5, 6, 7, 8);
  static final Chap.Credentials MUTUAL =
      Chap.Credentials.oneWay("bob", "bob's very own secret", 5, 6, 7, 8)
          .mutual("jtgt", TARGET_SECRET);

  private static final String PREFIX = "iqn.2026-11.org.jtgt:";

  private final DistributionStarter daemon;

  private SecuredTarget() throws Exception {
    daemon =
        new DistributionStarter(
            Map.of(
                "org.jtgt.scsi.target-chap", List.of("luns=0:disk0"),
                "org.jtgt.scsi.target-either", List.of("luns=0:disk0"),
                "org.jtgt.scsi.target-acl", List.of("luns=0:disk0,1:disk1"),
                "org.jtgt.scsi.target-moved", List.of("luns=0:disk0"),
                "org.jtgt.scsi.target-gone", List.of("luns=0:disk0"),
                "org.jtgt.scsi.target-terms", List.of("luns=0:disk0"),
                "org.jtgt.iscsi.account-alice", List.of("secret=" + SECRET, "targets=chap,either"),
                "org.jtgt.iscsi.account-bobs",
                    List.of(
                        "user=bob",
                        "secret=bob's very own secret",
                        "targetUser=jtgt",
                        "targetSecret=" + TARGET_SECRET,
                        "targets=chap"),
                "org.jtgt.iscsi.policy-either", List.of("targets=either", "auth=optional"),
                "org.jtgt.iscsi.policy-moved",
                    List.of("targets=moved", "redirect=192.0.2.7:3260")));
    daemon.write(
        "org.jtgt.iscsi.policy-gone",
        "targets=gone",
        "redirect=[2001:db8::7]:3261",
        "redirectPermanently=true");
    daemon.write(
        "org.jtgt.iscsi.policy-terms",
        "targets=terms",
        "maxBurstLength=65536",
        "firstBurstLength=4096",
        "headerDigest=CRC32C",
        "dataDigest=None",
        "maxSessions=1");
    daemon.start();
    try {
      awaitConfigurations();
    } catch (Exception | AssertionError e) {
      daemon.close();
      throw e;
    }
  }

  private void awaitConfigurations() throws Exception {
    eventually(() -> {
      for (String target : List.of("chap", "acl", "moved", "gone", "terms", "either")) {
        if (status(options(target)) == 0x0203) {
          throw new IOException(target + " is not there yet");
        }
      }
      if (status(options("gone")) != 0x0102 || status(options("moved")) != 0x0101) {
        throw new IOException("the policies are not in force yet");
      }
      try (Session session = login(options("terms").with("HeaderDigest", "CRC32C"))) {
        if (session.parameters().maxBurst() != 65536) {
          throw new IOException("the policy is not in force yet");
        }
        session.logout();
      }
      return true;
    });
  }

  DistributionStarter daemon() {
    return daemon;
  }

  InetSocketAddress portal() {
    return daemon.portal();
  }

  static String name(String target) {
    return PREFIX + target;
  }

  /** Options of a new initiator for a target. */
  LoginOptions options(String target) {
    return options(TestedTarget.freshInitiator(), target);
  }

  LoginOptions options(String initiator, String target) {
    return LoginOptions.normal(initiator, name(target));
  }

  Session login(LoginOptions options) throws IOException {
    return Session.login(portal(), options);
  }

  /** The status that a login ends with; 0 when it succeeds. */
  int status(LoginOptions options) throws IOException {
    return status(portal(), options);
  }

  /** The status that a login at this portal ends with; 0 when it succeeds. */
  static int status(InetSocketAddress portal, LoginOptions options) throws IOException {
    try (Session session = Session.login(portal, options)) {
      session.logout();
      return 0;
    } catch (LoginException e) {
      return e.status();
    }
  }

  /** Repeats what depends on a configuration that was just dropped. */
  static <T> T eventually(Callable<T> attempt) throws Exception {
    long end = System.nanoTime() + 30_000_000_000L;
    while (true) {
      try {
        return attempt.call();
      } catch (Exception | AssertionError e) {
        if (System.nanoTime() > end) {
          throw e;
        }
      }
      Thread.sleep(100);
    }
  }

  String log() throws IOException {
    return Files.readString(daemon.log());
  }

  @Override
  public void close() throws Throwable {
    daemon.close();
  }

  /** Gives tests the one daemon of the run. */
  static final class Resolver implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
        ExtensionContext.Namespace.create(SecuredTarget.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == SecuredTarget.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent("daemon", key -> start(), SecuredTarget.class);
    }

    private static SecuredTarget start() {
      try {
        return new SecuredTarget();
      } catch (Exception e) {
        throw new IllegalStateException("the secured target did not start", e);
      }
    }
  }
}
