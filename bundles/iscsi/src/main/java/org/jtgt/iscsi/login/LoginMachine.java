// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.LoginRequest;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.pdu.TargetPdu.LoginResponse;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.Negotiator;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.iscsi.text.TextException;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.iscsi.text.TextValue;

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

  /** Most bytes of one text that spans several requests. */
  private static final int MAX_TEXT_BYTES = 64 * 1024;

  /** Every receiver takes 8192 bytes during login (RFC 7143 13.12). */
  private static final int RESPONSE_BYTES = 8192;

  private static final String DISCOVERY = "Discovery";
  private static final String NORMAL = "Normal";

  private final LoginEnvironment environment;
  private final Negotiator negotiator;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private byte[] toSend = new byte[0];
  private @Nullable LoginRequest first;
  private @Nullable SessionIdentity identity;
  private boolean identified;
  private boolean maxRecvSent;
  private boolean authenticated;
  private AuthMethod.@Nullable Exchange exchange;
  private int stage;

  public LoginMachine(LoginEnvironment environment) {
    this.environment = environment;
    this.negotiator = new Negotiator(environment.ownValues());
  }

  /** Signals a login failure up to the one place that answers it. */
  private static final class Failure extends Exception {
    private static final long serialVersionUID = 1;
    final LoginStatus status;
    final transient List<TextPair> answers;

    Failure(LoginStatus status, String reason) {
      this(status, reason, List.of());
    }

    Failure(LoginStatus status, String reason, List<TextPair> answers) {
      super(reason, null, false, false);
      this.status = status;
      this.answers = answers;
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
      return failed(request, LoginStatus.INITIATOR_ERROR, e.getMessage(), List.of());
    } catch (Failure e) {
      return failed(request, e.status, e.getMessage(), e.answers);
    }
  }

  private LoginStep step(LoginRequest request, byte[] data) throws Failure, TextException {
    LoginRequest leading = first;
    if (leading == null) {
      checkFirst(request);
      first = request;
      stage = request.currentStage();
    } else {
      checkNext(leading, request);
    }
    checkStages(request);
    if (received.size() + data.length > MAX_TEXT_BYTES) {
      throw new Failure(LoginStatus.INITIATOR_ERROR, "login text over " + MAX_TEXT_BYTES);
    }
    received.writeBytes(data);
    if (request.continues()) {
      return new LoginStep.Answer(
          response(request, false, false, LoginStatus.SUCCESS), new byte[0]);
    }
    if (toSend.length > 0) {
      return sendRest(request);
    }
    List<TextPair> pairs = new ArrayList<>(TextPair.parse(received.toByteArray()));
    received.reset();
    List<TextPair> answers = new ArrayList<>();
    if (!identified) {
      identify(request, pairs, answers);
    }
    if (stage == SECURITY_NEGOTIATION) {
      negotiateSecurity(pairs, answers);
    }
    negotiateOperational(pairs, answers);
    boolean transit = request.transit() && mayLeaveStage(request, answers);
    toSend = TextPair.encode(answers);
    if (toSend.length > RESPONSE_BYTES) {
      return sendRest(request);
    }
    return transit ? transit(request) : answer(request, takeText());
  }

  private void checkFirst(LoginRequest request) throws Failure {
    if (request.versionMin() > 0) {
      throw new Failure(
          LoginStatus.UNSUPPORTED_VERSION, "version " + request.versionMin() + ", supported 0");
    }
    if (request.currentStage() > OPERATIONAL_NEGOTIATION) {
      throw new Failure(
          LoginStatus.INITIATOR_ERROR, "first stage is " + request.currentStage() + ", not 0 or 1");
    }
  }

  private void checkNext(LoginRequest leading, LoginRequest request) throws Failure {
    if (request.isid() != leading.isid()
        || request.tsih() != leading.tsih()
        || request.cid() != leading.cid()
        || request.versionMin() != leading.versionMin()
        || request.versionMax() != leading.versionMax()) {
      throw new Failure(
          LoginStatus.INITIATOR_ERROR, "ISID, TSIH, CID or version changed during login");
    }
    if (request.initiatorTaskTag() != leading.initiatorTaskTag()) {
      throw new Failure(LoginStatus.INITIATOR_ERROR, "the Initiator Task Tag changed during login");
    }
    if (request.currentStage() != stage) {
      throw new Failure(
          LoginStatus.INITIATOR_ERROR,
          "stage is " + request.currentStage() + ", expected " + stage);
    }
  }

  private static void checkStages(LoginRequest request) throws Failure {
    if (!request.transit()) {
      return;
    }
    if (request.continues()) {
      throw new Failure(LoginStatus.INITIATOR_ERROR, "T and C are both set");
    }
    if (request.nextStage() <= request.currentStage() || request.nextStage() == 2) {
      throw new Failure(
          LoginStatus.INITIATOR_ERROR,
          "stage " + request.currentStage() + " cannot go to " + request.nextStage());
    }
  }

  /** The first request says who comes and what for (RFC 7143 6.3.1). */
  private void identify(LoginRequest request, List<TextPair> pairs, List<TextPair> answers)
      throws Failure, TextException {
    String initiator = take(pairs, Key.INITIATOR_NAME);
    if (initiator.isEmpty()) {
      throw new Failure(LoginStatus.MISSING_PARAMETER, "no InitiatorName");
    }
    if (initiator.length() > 223) {
      throw new Failure(LoginStatus.INITIATOR_ERROR, "InitiatorName is longer than 223 bytes");
    }
    String type = take(pairs, Key.SESSION_TYPE);
    boolean discovery = type.equals(DISCOVERY);
    if (!discovery && !type.isEmpty() && !type.equals(NORMAL)) {
      throw new Failure(
          LoginStatus.SESSION_TYPE_NOT_SUPPORTED, "SessionType=" + TextPair.shown(type));
    }
    // Names compare in their normal form, which is lower case (RFC 7143 4.2.7.2).
    String target = take(pairs, Key.TARGET_NAME).toLowerCase(Locale.ROOT);
    if (discovery) {
      target = "";
    } else if (target.isEmpty()) {
      throw new Failure(LoginStatus.MISSING_PARAMETER, "no TargetName");
    }
    SessionIdentity who =
        new SessionIdentity(
            initiator.toLowerCase(Locale.ROOT),
            request.isid(),
            target,
            environment.portalGroupTag());
    identity = who;
    identified = true;
    negotiator.discovery(discovery);
    negotiator.joining(request.tsih() != 0);
    if (!discovery) {
      Optional<String> alias = environment.targetAlias(target);
      if (alias.isEmpty()) {
        throw new Failure(
            LoginStatus.NOT_FOUND, "target " + TextPair.shown(target) + " is not offered here");
      }
      if (!alias.get().isEmpty()) {
        answers.add(new TextPair(Key.TARGET_ALIAS.text(), alias.get()));
      }
      answers.add(
          new TextPair(
              Key.TARGET_PORTAL_GROUP_TAG.text(), Integer.toString(environment.portalGroupTag())));
    }
    authenticated = requiredMethods(who).isEmpty();
    if (!authenticated && stage != SECURITY_NEGOTIATION) {
      throw new Failure(LoginStatus.AUTHENTICATION_FAILURE, "the security stage was left out");
    }
    if (request.tsih() != 0) {
      checkJoining(who, request);
    }
  }

  private void checkJoining(SessionIdentity who, LoginRequest request) throws Failure {
    switch (environment.joining(who, request.tsih(), request.cid())) {
      case NO_SUCH_SESSION ->
          throw new Failure(
              LoginStatus.SESSION_DOES_NOT_EXIST, "no session has TSIH " + request.tsih());
      case TOO_MANY_CONNECTIONS ->
          throw new Failure(
              LoginStatus.TOO_MANY_CONNECTIONS, "session " + request.tsih() + " takes no more");
      case REINSTATES_CONNECTION, ADDS_CONNECTION -> {}
    }
  }

  private List<AuthMethod> requiredMethods(SessionIdentity who) {
    return environment.requiredAuthMethods(
        who.discovery(), who.discovery() ? Optional.empty() : Optional.of(who.targetName()));
  }

  /** Removes a key from the pairs and gives its value, or "". */
  private String take(List<TextPair> pairs, Key key) throws TextException {
    String value = "";
    for (int i = 0; i < pairs.size(); i++) {
      if (pairs.get(i).key().equals(key.text())) {
        negotiator.once(key);
        value = pairs.remove(i--).value();
      }
    }
    return value;
  }

  private void negotiateSecurity(List<TextPair> pairs, List<TextPair> answers)
      throws Failure, TextException {
    SessionIdentity who = identity;
    if (who == null) {
      throw new IllegalStateException("not identified");
    }
    List<TextPair> forMethod = new ArrayList<>();
    for (TextPair pair : List.copyOf(pairs)) {
      Optional<Key> key = Key.of(pair.key());
      if (key.isPresent() && key.get().use() == Key.Use.OPERATIONAL) {
        throw new Failure(LoginStatus.INITIATOR_ERROR, pair.key() + " came in the security stage");
      }
      if (key.isEmpty() && exchange != null) {
        forMethod.add(pair);
        pairs.remove(pair);
      }
    }
    String offered = take(pairs, Key.AUTH_METHOD);
    if (!offered.isEmpty()) {
      answers.add(new TextPair(Key.AUTH_METHOD.text(), chooseMethod(who, offered)));
    } else if (exchange != null) {
      AuthMethod.Step step = exchange.step(forMethod);
      answers.addAll(step.answers());
      switch (step.state()) {
        case GOING_ON -> {}
        case AUTHENTICATED -> authenticated = true;
        case FAILED ->
            throw new Failure(LoginStatus.AUTHENTICATION_FAILURE, "authentication failed", answers);
      }
    }
  }

  private String chooseMethod(SessionIdentity who, String offered) throws Failure {
    List<AuthMethod> required = requiredMethods(who);
    for (String name : offered.split(",", -1)) {
      if (required.isEmpty() && name.equals(TextValue.NONE)) {
        return name;
      }
      for (AuthMethod method : required) {
        if (method.name().equals(name)) {
          exchange =
              method.begin(
                  who.initiatorName(),
                  who.discovery() ? Optional.empty() : Optional.of(who.targetName()));
          return name;
        }
      }
    }
    throw new Failure(
        LoginStatus.AUTHENTICATION_FAILURE,
        "AuthMethod=" + TextPair.shown(offered) + " offers nothing acceptable",
        List.of(new TextPair(Key.AUTH_METHOD.text(), TextValue.REJECT)));
  }

  private void negotiateOperational(List<TextPair> pairs, List<TextPair> answers)
      throws Failure, TextException {
    for (TextPair pair : pairs) {
      Key.Use use = Key.of(pair.key()).map(Key::use).orElse(Key.Use.ANY);
      if (use == Key.Use.FULL_FEATURE || use == Key.Use.ANY_LOGIN || use == Key.Use.SECURITY) {
        throw new Failure(LoginStatus.INITIATOR_ERROR, pair.key() + " came at the wrong time");
      }
    }
    switch (negotiator.negotiate(pairs)) {
      case Negotiator.Outcome.Answers(List<TextPair> given) -> answers.addAll(given);
      case Negotiator.Outcome.Failed(List<TextPair> given, String reason) ->
          throw new Failure(LoginStatus.INITIATOR_ERROR, reason, given);
    }
    if (stage == OPERATIONAL_NEGOTIATION && !maxRecvSent) {
      maxRecvSent = true;
      answers.add(
          new TextPair(
              Key.MAX_RECV_DATA_SEGMENT_LENGTH.text(),
              environment.ownValues().get(Key.MAX_RECV_DATA_SEGMENT_LENGTH)));
    }
  }

  private boolean mayLeaveStage(LoginRequest request, List<TextPair> answers) throws Failure {
    if (authenticated) {
      return true;
    }
    // Going on in the exchange, the target simply keeps T at 0; leaving without one is refused.
    if (exchange != null) {
      return false;
    }
    throw new Failure(
        LoginStatus.AUTHENTICATION_FAILURE,
        "stage " + request.nextStage() + " asked for without authentication",
        answers);
  }

  private LoginStep sendRest(LoginRequest request) {
    if (toSend.length <= RESPONSE_BYTES) {
      return request.transit() && authenticated ? transit(request) : answer(request, takeText());
    }
    byte[] part = Arrays.copyOf(toSend, RESPONSE_BYTES);
    toSend = Arrays.copyOfRange(toSend, RESPONSE_BYTES, toSend.length);
    return new LoginStep.Answer(response(request, false, true, LoginStatus.SUCCESS), part);
  }

  private byte[] takeText() {
    byte[] text = toSend;
    toSend = new byte[0];
    return text;
  }

  private LoginStep answer(LoginRequest request, byte[] text) {
    return new LoginStep.Answer(response(request, false, false, LoginStatus.SUCCESS), text);
  }

  private LoginStep transit(LoginRequest request) {
    LoginResponse response = response(request, true, false, LoginStatus.SUCCESS);
    stage = request.nextStage();
    SessionIdentity who = identity;
    if (stage != FULL_FEATURE_PHASE || who == null) {
      return new LoginStep.Answer(response, takeText());
    }
    // Without an operational stage the target has not declared its own length: the default holds.
    String mine =
        maxRecvSent
            ? environment.ownValues().get(Key.MAX_RECV_DATA_SEGMENT_LENGTH)
            : Key.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue();
    return new LoginStep.Done(
        response,
        takeText(),
        who,
        request.tsih(),
        request.cid(),
        request.cmdSn(),
        negotiator.result(Key.INITIATOR_ALIAS),
        Parameters.of(negotiator, Integer.parseInt(mine)));
  }

  private LoginStep failed(
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
