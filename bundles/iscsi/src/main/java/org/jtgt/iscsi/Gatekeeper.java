// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jtgt.iscsi.access.AccessRule;
import org.jtgt.iscsi.access.Asker;
import org.jtgt.iscsi.access.LoginRules;
import org.jtgt.iscsi.access.Policy.Authentication;
import org.jtgt.iscsi.access.Terms;
import org.jtgt.iscsi.login.Admission;
import org.jtgt.iscsi.login.AuthMethod;
import org.jtgt.iscsi.login.Chap;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.session.SessionRegistry;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.scsi.NexusView;

/**
 * Decides who may log in to what, on what terms and with what view of the target.
 *
 * <p>Thread rules: any thread.
 */
final class Gatekeeper {
  private final Map<String, OfferedTarget> targets;
  private final SessionRegistry sessions;
  private final AccessControl control;
  private final Supplier<Defaults> defaults;
  private final SecureRandom random = new SecureRandom();

  /**
   * What holds where no policy says anything.
   *
   * @param login terms of sessions with targets
   * @param discovery terms of discovery sessions
   */
  record Defaults(Terms login, Terms discovery, Chap.Options chap) {}

  /**
   * @param targets targets by iSCSI name in normal form, live
   */
  Gatekeeper(
      Map<String, OfferedTarget> targets,
      SessionRegistry sessions,
      AccessControl control,
      Supplier<Defaults> defaults) {
    this.targets = targets;
    this.sessions = sessions;
    this.control = control;
    this.defaults = defaults;
  }

  private LoginRules rules() {
    return control.rules();
  }

  /** A target that a portal offers. */
  Optional<OfferedTarget> target(String name, String portal) {
    return Optional.ofNullable(targets.get(name)).filter(target -> target.reachableAt(portal));
  }

  Admission admit(SessionIdentity who, InetAddress peer, String portal) {
    Optional<String> shut = control.shut();
    if (shut.isPresent()) {
      return new Admission.Refused(LoginStatus.SERVICE_UNAVAILABLE, shut.get());
    }
    if (who.discovery()) {
      Asker asker = new Asker(who.initiatorName(), peer, "", "", portal);
      return admit(asker, "", rules().terms(asker, defaults.get().discovery()));
    }
    Optional<OfferedTarget> target = target(who.targetName(), portal);
    if (target.isEmpty()) {
      return new Admission.Refused(
          LoginStatus.NOT_FOUND,
          "target " + TextPair.shown(who.targetName()) + " is not offered here");
    }
    Asker asker = asker(who.initiatorName(), peer, target.get(), portal);
    Optional<AccessRule> rule = rules().admitting(asker);
    if (rule.isEmpty() && rules().guarded(asker)) {
      return new Admission.Refused(
          LoginStatus.AUTHORIZATION_FAILURE,
          "no access rule of " + target.get().id() + " admits it");
    }
    Terms terms = rules().terms(asker, defaults.get().login());
    if (terms.redirect().isPresent()) {
      return new Admission.Redirected(
          terms.redirect().get().address(), terms.redirect().get().permanently());
    }
    int ofInitiator = rule.map(AccessRule::maxSessions).orElse(0);
    if (full(who, terms.maxSessions(), false) || full(who, ofInitiator, true)) {
      return new Admission.Refused(
          LoginStatus.OUT_OF_RESOURCES, "target " + target.get().id() + " takes no more sessions");
    }
    return admit(asker, target.get().device().alias(), terms);
  }

  /** A session that is reinstated makes room for itself. */
  private boolean full(SessionIdentity who, int most, boolean ofInitiator) {
    return most > 0
        && sessions.ofTarget(who.targetName()).stream()
                .map(Session::identity)
                .filter(other -> !ofInitiator || other.initiatorName().equals(who.initiatorName()))
                .filter(other -> !other.equals(who))
                .count()
            >= most;
  }

  private Admission admit(Asker asker, String alias, Terms terms) {
    if (!terms.problem().isEmpty()) {
      return new Admission.Refused(
          LoginStatus.SERVICE_UNAVAILABLE, "wrong policy " + terms.problem());
    }
    LoginContext context =
        new LoginContext(asker.initiator(), asker.peer(), asker.targetName(), asker.target());
    Authentication auth = terms.auth();
    if (auth == Authentication.AUTO) {
      auth = control.guards(context) ? Authentication.CHAP : Authentication.NONE;
    }
    List<AuthMethod> methods =
        auth == Authentication.NONE
            ? List.of()
            : List.of(new Chap(defaults.get().chap(), control, random));
    return new Admission.Admitted(
        alias, context, methods, auth != Authentication.CHAP, terms.values());
  }

  /** Whether an initiator may log in to a target at a portal, as far as rules say. */
  boolean shows(String initiator, InetAddress peer, OfferedTarget target, String portal) {
    Asker asker = asker(initiator, peer, target, portal);
    return target.reachableAt(portal)
        && (!rules().guarded(asker) || rules().admitting(asker).isPresent());
  }

  /** What an initiator sees of a target; empty when it may not be there. */
  Optional<NexusView> view(SessionIdentity who, InetAddress peer, String portal) {
    Optional<OfferedTarget> target = target(who.targetName(), portal);
    if (target.isEmpty()) {
      return Optional.empty();
    }
    Asker asker = asker(who.initiatorName(), peer, target.get(), portal);
    Optional<AccessRule> rule = rules().admitting(asker);
    if (rule.isEmpty()) {
      return rules().guarded(asker) ? Optional.empty() : Optional.of(NexusView.WHOLE);
    }
    return Optional.of(new NexusView(rule.get().luns(), rule.get().readOnly()));
  }

  private static Asker asker(
      String initiator, InetAddress peer, OfferedTarget target, String portal) {
    return new Asker(initiator, peer, target.name(), target.id(), portal);
  }
}
