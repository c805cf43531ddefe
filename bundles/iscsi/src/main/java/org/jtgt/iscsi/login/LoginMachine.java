// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.LoginRequest;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.pdu.TargetPdu.LoginResponse;
import org.jtgt.iscsi.text.IscsiName;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.Negotiator;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.iscsi.text.TextException;
import org.jtgt.iscsi.text.TextPair;

/**
 * The login phase of one connection, seen from the target (RFC 7143 6.3, 11.12, 11.13): stages, T
 * and C bits, who may log in to what. It knows no socket: requests go in, responses come out.
 *
 * <p>Not for several threads at once.
 */
public final class LoginMachine {
  static final int SECURITY_NEGOTIATION = 0;
  static final int OPERATIONAL_NEGOTIATION = 1;
  static final int FULL_FEATURE_PHASE = 3;

  private static final String DISCOVERY = "Discovery";
  private static final String NORMAL = "Normal";

  private final LoginEnvironment environment;
  private final InetAddress peer;
  private final LoginText text = new LoginText();
  private @Nullable LoginRequest first;
  private @Nullable SessionIdentity identity;
  private @Nullable Agreement agreement;
  private int stage;

  /**
   * @param peer the initiator's address
   */
  public LoginMachine(LoginEnvironment environment, InetAddress peer) {
    this.environment = environment;
    this.peer = peer;
  }

  /** What there is once the initiator is known. */
  private static final class Agreement {
    final SessionIdentity who;
    final Admission.Admitted terms;
    final SecurityStage security;
    final Negotiator negotiator;
    boolean maxRecvSent;

    Agreement(SessionIdentity who, Admission.Admitted terms) {
      this.who = who;
      this.terms = terms;
      this.security = new SecurityStage(terms);
      this.negotiator = new Negotiator(terms.ownValues());
    }

    String ownMaxRecv() {
      return terms
          .ownValues()
          .getOrDefault(
              Key.MAX_RECV_DATA_SEGMENT_LENGTH, Key.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue());
    }
  }

  /** Who logs in, for a log line; before that is known, "unknown". */
  public String initiatorName() {
    return identity == null ? "unknown" : identity.initiatorName();
  }

  /** Takes a request with its data segment and says what follows. */
  public LoginStep receive(LoginRequest request, byte[] data) {
    try {
      return step(request, data);
    } catch (TextException e) {
      return failed(request, LoginStatus.INITIATOR_ERROR, e.reason(), List.of());
    } catch (LoginFailure e) {
      return failed(request, e.status(), e.reason(), e.answers());
    }
  }

  private LoginStep step(LoginRequest request, byte[] data) throws LoginFailure, TextException {
    LoginRequest leading = first;
    if (leading == null) {
      checkFirst(request);
      first = request;
      stage = request.currentStage();
    } else {
      checkNext(leading, request);
    }
    checkStages(request);
    Optional<List<TextPair>> complete = text.receive(data, request.continues());
    if (complete.isEmpty()) {
      return answer(request, new byte[0]);
    }
    if (text.sending()) {
      // The initiator asks for the rest with empty requests (RFC 7143 6.2).
      if (!complete.get().isEmpty()) {
        throw new LoginFailure(
            LoginStatus.INITIATOR_ERROR, "text came while the target's own was under way");
      }
      return sendPart(request);
    }
    List<TextPair> pairs = new ArrayList<>(complete.get());
    List<TextPair> answers = new ArrayList<>();
    Agreement agreed = agreement;
    if (agreed == null) {
      agreed = identify(request, pairs, answers);
      agreement = agreed;
    }
    if (stage == SECURITY_NEGOTIATION) {
      String methods = take(agreed.negotiator, pairs, Key.AUTH_METHOD);
      answers.addAll(agreed.security.negotiate(methods, pairs));
    }
    boolean leavesLogin = request.transit() && request.nextStage() == FULL_FEATURE_PHASE;
    negotiateOperational(agreed, pairs, answers, leavesLogin);
    text.send(answers);
    return sendPart(request);
  }

  private static void checkFirst(LoginRequest request) throws LoginFailure {
    if (request.versionMin() > 0) {
      throw new LoginFailure(
          LoginStatus.UNSUPPORTED_VERSION, "version " + request.versionMin() + ", supported 0");
    }
    if (request.currentStage() > OPERATIONAL_NEGOTIATION) {
      throw new LoginFailure(
          LoginStatus.INITIATOR_ERROR, "first stage is " + request.currentStage() + ", not 0 or 1");
    }
  }

  private void checkNext(LoginRequest leading, LoginRequest request) throws LoginFailure {
    if (request.isid() != leading.isid()
        || request.tsih() != leading.tsih()
        || request.cid() != leading.cid()
        || request.versionMin() != leading.versionMin()
        || request.versionMax() != leading.versionMax()) {
      throw new LoginFailure(
          LoginStatus.INITIATOR_ERROR, "ISID, TSIH, CID or version changed during login");
    }
    if (request.initiatorTaskTag() != leading.initiatorTaskTag()) {
      throw new LoginFailure(
          LoginStatus.INITIATOR_ERROR, "the Initiator Task Tag changed during login");
    }
    // Login Requests are immediate. Only other connections of the session can move CmdSN on
    // meanwhile (RFC 7143 11.12.8).
    int advance = request.cmdSn() - leading.cmdSn();
    if (leading.tsih() == 0 ? advance != 0 : advance < 0) {
      throw new LoginFailure(
          LoginStatus.INITIATOR_ERROR,
          "CmdSN went from %s to %s during login"
              .formatted(
                  Integer.toUnsignedString(leading.cmdSn()),
                  Integer.toUnsignedString(request.cmdSn())));
    }
    if (request.currentStage() != stage) {
      throw new LoginFailure(
          LoginStatus.INITIATOR_ERROR,
          "stage is " + request.currentStage() + ", expected " + stage);
    }
  }

  private static void checkStages(LoginRequest request) throws LoginFailure {
    if (!request.transit()) {
      return;
    }
    if (request.continues()) {
      throw new LoginFailure(LoginStatus.INITIATOR_ERROR, "T and C are both set");
    }
    if (request.nextStage() <= request.currentStage() || request.nextStage() == 2) {
      throw new LoginFailure(
          LoginStatus.INITIATOR_ERROR,
          "stage " + request.currentStage() + " cannot go to " + request.nextStage());
    }
  }

  /** The first request says who comes and what for (RFC 7143 6.3.1). */
  private Agreement identify(LoginRequest request, List<TextPair> pairs, List<TextPair> answers)
      throws LoginFailure, TextException {
    Negotiator once = new Negotiator(Map.of());
    String initiator = take(once, pairs, Key.INITIATOR_NAME);
    if (initiator.isEmpty()) {
      throw new LoginFailure(LoginStatus.MISSING_PARAMETER, "no InitiatorName");
    }
    initiator = IscsiName.normal(initiator);
    String type = take(once, pairs, Key.SESSION_TYPE);
    boolean discovery = type.equals(DISCOVERY);
    if (!discovery && !type.isEmpty() && !type.equals(NORMAL)) {
      throw new LoginFailure(
          LoginStatus.SESSION_TYPE_NOT_SUPPORTED, "SessionType=" + TextPair.shown(type));
    }
    // Names compare in their normal form (RFC 7143 4.2.7.2); one of no form is found nowhere.
    String target = take(once, pairs, Key.TARGET_NAME).toLowerCase(Locale.ROOT);
    if (discovery) {
      target = "";
    } else if (target.isEmpty()) {
      throw new LoginFailure(LoginStatus.MISSING_PARAMETER, "no TargetName");
    }
    SessionIdentity who =
        new SessionIdentity(initiator, request.isid(), target, environment.portalGroupTag());
    identity = who;
    Agreement agreed = new Agreement(who, admitted(who));
    agreed.negotiator.discovery(discovery);
    agreed.negotiator.joining(request.tsih() != 0);
    for (Key key : List.of(Key.INITIATOR_NAME, Key.SESSION_TYPE, Key.TARGET_NAME)) {
      if (once.seen(key)) {
        agreed.negotiator.once(key);
      }
    }
    if (!discovery) {
      if (!agreed.terms.targetAlias().isEmpty()) {
        answers.add(new TextPair(Key.TARGET_ALIAS.text(), agreed.terms.targetAlias()));
      }
      answers.add(
          new TextPair(
              Key.TARGET_PORTAL_GROUP_TAG.text(), Integer.toString(environment.portalGroupTag())));
    }
    if (stage != SECURITY_NEGOTIATION && !agreed.security.mayBeLeftOut()) {
      throw new LoginFailure(LoginStatus.AUTHENTICATION_FAILURE, "the security stage was left out");
    }
    if (request.tsih() != 0) {
      checkJoining(who, request);
    }
    return agreed;
  }

  private Admission.Admitted admitted(SessionIdentity who) throws LoginFailure {
    return switch (environment.admit(who, peer)) {
      case Admission.Admitted terms -> terms;
      case Admission.Refused(LoginStatus status, String reason) ->
          throw new LoginFailure(status, reason);
      case Admission.Redirected(String address, boolean permanently) ->
          throw new LoginFailure(
              permanently
                  ? LoginStatus.TARGET_MOVED_PERMANENTLY
                  : LoginStatus.TARGET_MOVED_TEMPORARILY,
              "redirected to " + address,
              List.of(new TextPair(Key.TARGET_ADDRESS.text(), address)));
    };
  }

  private void checkJoining(SessionIdentity who, LoginRequest request) throws LoginFailure {
    switch (environment.joining(who, request.tsih(), request.cid())) {
      case NO_SUCH_SESSION ->
          throw new LoginFailure(
              LoginStatus.SESSION_DOES_NOT_EXIST, "no session has TSIH " + request.tsih());
      case OTHER_PORTAL_GROUP ->
          throw new LoginFailure(
              LoginStatus.CANNOT_INCLUDE_IN_SESSION,
              "session "
                  + request.tsih()
                  + " is on another portal group than "
                  + environment.portalGroupTag());
      case TOO_MANY_CONNECTIONS ->
          throw new LoginFailure(
              LoginStatus.TOO_MANY_CONNECTIONS, "session " + request.tsih() + " takes no more");
      case REINSTATES_CONNECTION, ADDS_CONNECTION -> {}
    }
  }

  /** Removes a key from the pairs and gives its value, or "". */
  private static String take(Negotiator negotiator, List<TextPair> pairs, Key key)
      throws TextException {
    String value = "";
    for (int i = 0; i < pairs.size(); i++) {
      if (pairs.get(i).key().equals(key.text())) {
        negotiator.once(key);
        value = pairs.remove(i--).value();
      }
    }
    return value;
  }

  private void negotiateOperational(
      Agreement agreed, List<TextPair> pairs, List<TextPair> answers, boolean leavesLogin)
      throws LoginFailure, TextException {
    for (TextPair pair : pairs) {
      Key.Use use = Key.of(pair.key()).map(Key::use).orElse(Key.Use.ANY);
      if (use == Key.Use.FULL_FEATURE || use == Key.Use.ANY_LOGIN || use == Key.Use.SECURITY) {
        throw new LoginFailure(LoginStatus.INITIATOR_ERROR, pair.key() + " came at the wrong time");
      }
    }
    switch (agreed.negotiator.negotiate(pairs)) {
      case Negotiator.Outcome.Answers(List<TextPair> given) -> answers.addAll(given);
      case Negotiator.Outcome.Failed(List<TextPair> given, String reason) ->
          throw new LoginFailure(LoginStatus.INITIATOR_ERROR, reason, given);
    }
    if (stage == OPERATIONAL_NEGOTIATION && leavesLogin) {
      answers.addAll(agreed.negotiator.insist());
    }
    if (stage == OPERATIONAL_NEGOTIATION && !agreed.maxRecvSent) {
      agreed.maxRecvSent = true;
      answers.add(new TextPair(Key.MAX_RECV_DATA_SEGMENT_LENGTH.text(), agreed.ownMaxRecv()));
    }
  }

  /** Sends what is to be sent, or as much as fits; with the last of it the stage may be left. */
  private LoginStep sendPart(LoginRequest request) throws LoginFailure {
    if (text.exceedsPdu()) {
      return new LoginStep.Answer(
          response(request, false, true, LoginStatus.SUCCESS), text.takePart());
    }
    byte[] part = text.takePart();
    Agreement agreed = agreement;
    if (agreed != null
        && request.transit()
        && (stage != SECURITY_NEGOTIATION || agreed.security.mayLeave(request.nextStage()))) {
      return leave(agreed, request, part);
    }
    return answer(request, part);
  }

  private LoginStep answer(LoginRequest request, byte[] part) {
    return new LoginStep.Answer(response(request, false, false, LoginStatus.SUCCESS), part);
  }

  private LoginStep leave(Agreement agreed, LoginRequest request, byte[] part) throws LoginFailure {
    if (request.nextStage() == FULL_FEATURE_PHASE) {
      Optional<String> missing = agreed.negotiator.contradiction();
      if (missing.isPresent()) {
        throw new LoginFailure(LoginStatus.INITIATOR_ERROR, missing.get());
      }
    }
    LoginResponse response = response(request, true, false, LoginStatus.SUCCESS);
    stage = request.nextStage();
    if (stage != FULL_FEATURE_PHASE) {
      return new LoginStep.Answer(response, part);
    }
    // Without an operational stage the target has not declared its own length: the default holds.
    String mine =
        agreed.maxRecvSent ? agreed.ownMaxRecv() : Key.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue();
    return new LoginStep.Done(
        response,
        part,
        agreed.who,
        request.tsih(),
        request.cid(),
        request.cmdSn(),
        TextPair.shown(agreed.negotiator.result(Key.INITIATOR_ALIAS)),
        Parameters.of(agreed.negotiator, Integer.parseInt(mine)));
  }

  private static LoginStep failed(
      LoginRequest request, LoginStatus status, String reason, List<TextPair> answers) {
    return new LoginStep.Failed(
        response(request, false, false, status), TextPair.encode(answers), reason);
  }

  private static LoginResponse response(
      LoginRequest request, boolean transit, boolean continues, LoginStatus status) {
    return new LoginResponse(
        transit,
        continues,
        request.currentStage(),
        transit ? request.nextStage() : 0,
        request.isid(),
        request.tsih(),
        request.initiatorTaskTag(),
        status);
  }
}
