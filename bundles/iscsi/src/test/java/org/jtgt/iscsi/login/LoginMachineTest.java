// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.connection.Settings;
import org.jtgt.iscsi.pdu.LoginRequest;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.TextPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginMachineTest {
  private static final String WHO = "InitiatorName=iqn.2026-11.org.example:i";
  private static final String TO = "TargetName=iqn.2026-11.org.jtgt:t0";

  private LoginEnvironment.Joining joining = LoginEnvironment.Joining.NO_SUCH_SESSION;
  private List<AuthMethod> required = List.of();
  private Optional<Admission> otherwise = Optional.empty();
  private final LoginMachine machine =
      new LoginMachine(new Environment(), InetAddress.getLoopbackAddress());

  private final class Environment implements LoginEnvironment {
    @Override
    public int portalGroupTag() {
      return 3;
    }

    @Override
    public Admission admit(SessionIdentity who, InetAddress peer) {
      if (otherwise.isPresent()) {
        return otherwise.get();
      }
      if (!who.discovery() && !who.targetName().equals("iqn.2026-11.org.jtgt:t0")) {
        return new Admission.Refused(LoginStatus.NOT_FOUND, "not here");
      }
      return new Admission.Admitted(
          "a disk",
          new LoginContext(who.initiatorName(), peer, who.targetName(), "t0"),
          required,
          required.isEmpty(),
          Settings.defaults().ownValues());
    }

    @Override
    public Joining joining(SessionIdentity identity, int tsih, int cid) {
      return joining;
    }
  }

  private static LoginRequest request(boolean t, boolean c, int csg, int nsg, int tsih) {
    return new LoginRequest(t, c, csg, nsg, 0, 0, 0x400000000001L, tsih, 7, 1, 100, 0);
  }

  private LoginStep send(boolean t, int csg, int nsg, String... pairs) {
    return send(request(t, false, csg, nsg, 0), pairs);
  }

  private LoginStep send(LoginRequest request, String... pairs) {
    String text = pairs.length == 0 ? "" : String.join("\0", pairs) + "\0";
    return machine.receive(request, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(LoginStep step) {
    return new String(step.text(), StandardCharsets.UTF_8).replace('\0', ' ');
  }

  private static void assertFailed(LoginStep step, LoginStatus status) {
    assertThat(step).isInstanceOf(LoginStep.Failed.class);
    assertThat(step.response().status()).isEqualTo(status);
    assertThat(step.response().transit()).isFalse();
  }

  @Test
  void theUsualLoginGoesThroughBothStages_6_3() {
    LoginStep security = send(true, 0, 1, WHO, TO, "SessionType=Normal", "AuthMethod=CHAP,None");
    assertThat(security).isInstanceOf(LoginStep.Answer.class);
    assertThat(security.response().transit()).isTrue();
    assertThat(security.response().nextStage()).isEqualTo(1);
    assertThat(text(security))
        .isEqualTo("TargetAlias=a disk TargetPortalGroupTag=3 AuthMethod=None ");

    LoginStep operational = send(true, 1, 3, "HeaderDigest=None", "MaxBurstLength=8192");
    assertThat(operational).isInstanceOf(LoginStep.Done.class);
    assertThat(text(operational))
        .isEqualTo("HeaderDigest=None MaxBurstLength=8192 MaxRecvDataSegmentLength=262144 ");
    LoginStep.Done done = (LoginStep.Done) operational;
    assertThat(done.parameters().maxBurstLength()).isEqualTo(8192);
    assertThat(done.parameters().firstBurstLength()).isEqualTo(8192);
    assertThat(done.parameters().targetMaxRecvDataSegmentLength()).isEqualTo(262144);
    assertThat(done.identity())
        .isEqualTo(
            new SessionIdentity(
                "iqn.2026-11.org.example:i", 0x400000000001L, "iqn.2026-11.org.jtgt:t0", 3));
  }

  @Test
  void fromSecurityStraightToFullFeatureTheDefaultsHold_6_3() {
    LoginStep.Done done = (LoginStep.Done) send(true, 0, 3, WHO, TO, "AuthMethod=None");
    assertThat(done.parameters().targetMaxRecvDataSegmentLength()).isEqualTo(8192);
    assertThat(done.parameters().initialR2t()).isTrue();
    assertThat(done.parameters().immediateData()).isTrue();
    assertThat(done.parameters().maxOutstandingR2t()).isEqualTo(1);
  }

  @Test
  void withoutTheTransitBitTheStageStays_11_12() {
    LoginStep step = send(false, 1, 0, WHO, TO);
    assertThat(step).isInstanceOf(LoginStep.Answer.class);
    assertThat(step.response().transit()).isFalse();
    assertThat(step.response().currentStage()).isEqualTo(1);
    assertThat(send(true, 1, 3)).isInstanceOf(LoginStep.Done.class);
  }

  @Test
  void aTextMaySpanRequestsEvenWithinAPair_6_2() {
    LoginStep first =
        machine.receive(
            request(false, true, 1, 0, 0), (WHO + "\0Target").getBytes(StandardCharsets.UTF_8));
    assertThat(first.text()).isEmpty();
    assertThat(first.response().continues()).isFalse();
    LoginStep second =
        machine.receive(
            request(true, false, 1, 3, 0),
            "Name=iqn.2026-11.org.jtgt:t0\0".getBytes(StandardCharsets.UTF_8));
    assertThat(second).isInstanceOf(LoginStep.Done.class);
  }

  @Test
  void aDiscoverySessionNeedsNoTarget_6_3() {
    LoginStep step = send(true, 1, 3, WHO, "SessionType=Discovery", "MaxConnections=1");
    assertThat(step).isInstanceOf(LoginStep.Done.class);
    assertThat(((LoginStep.Done) step).identity().discovery()).isTrue();
    assertThat(text(step)).doesNotContain("TargetPortalGroupTag").contains("=Irrelevant");
  }

  @Test
  void namesCompareInLowerCase_4_2_7() {
    LoginStep step = send(true, 1, 3, WHO, "TargetName=IQN.2026-11.org.JTGT:T0");
    assertThat(step).isInstanceOf(LoginStep.Done.class);
  }

  @ParameterizedTest
  @CsvSource({
    "IQN.2026-11.org.Example:I, iqn.2026-11.org.example:i",
    "iqn.2026-11.org.example, iqn.2026-11.org.example",
    "iqn.2008-11.org.linux-kvm:my_vm, iqn.2008-11.org.linux-kvm:my_vm",
    "eui.02004567A425678D, eui.02004567a425678d",
    "naa.52004567BA64678D, naa.52004567ba64678d",
    "naa.62004567BA64678D0123456789ABCDEF, naa.62004567ba64678d0123456789abcdef"
  })
  void anInitiatorIsKnownByTheNormalFormOfItsName_4_2_7(String sent, String normal) {
    LoginStep.Done done = (LoginStep.Done) send(true, 1, 3, "InitiatorName=" + sent, TO);
    assertThat(done.identity().initiatorName()).isEqualTo(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "storage",
        "iqn.x",
        "iqn.2026-13.org.example:i",
        "iqn.2026-11.",
        "iqn.2026-11.org.example:",
        "iqn.2026-11.org.example:two words",
        "iqn.2026-11.org.example:a,b",
        "eui.02004567A425678",
        "eui.02004567A425678DX",
        "eui.02004567A425678G",
        "naa.52004567BA64678D01"
      })
  void aNameOfNoFormIs0200_4_2_7(String name) {
    assertFailed(send(true, 1, 3, "InitiatorName=" + name, TO), LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest
  @CsvSource({"223,true", "224,false"})
  void aNameHas223BytesAtMost_4_2_7_1(int bytes, boolean allowed) {
    String head = "iqn.2026-11.org.example:";
    LoginStep step =
        send(true, 1, 3, "InitiatorName=" + head + "x".repeat(bytes - head.length()), TO);
    assertThat(step instanceof LoginStep.Done).isEqualTo(allowed);
  }

  @Test
  void aSessionOfAnotherPortalGroupIs0208_11_13_5() {
    joining = LoginEnvironment.Joining.OTHER_PORTAL_GROUP;
    assertFailed(
        send(request(true, false, 1, 3, 99), WHO, TO), LoginStatus.CANNOT_INCLUDE_IN_SESSION);
  }

  @Test
  void noInitiatorNameIs0207_11_13_5() {
    assertFailed(send(true, 1, 3, TO), LoginStatus.MISSING_PARAMETER);
  }

  @Test
  void noTargetNameInANormalSessionIs0207_11_13_5() {
    assertFailed(send(true, 1, 3, WHO), LoginStatus.MISSING_PARAMETER);
  }

  @Test
  void anUnknownTargetIs0203_11_13_5() {
    assertFailed(send(true, 1, 3, WHO, TO + "x"), LoginStatus.NOT_FOUND);
  }

  @Test
  void anUnknownSessionTypeIs0209_11_13_5() {
    assertFailed(
        send(true, 1, 3, WHO, TO, "SessionType=Other"), LoginStatus.SESSION_TYPE_NOT_SUPPORTED);
  }

  @Test
  void aVersionAboveZeroOnlyIs0205_11_13_5() {
    assertFailed(
        send(new LoginRequest(true, false, 1, 3, 2, 1, 1, 0, 7, 1, 100, 0), WHO, TO),
        LoginStatus.UNSUPPORTED_VERSION);
  }

  @Test
  void anUnknownTsihIs020A_11_13_5() {
    assertFailed(send(request(true, false, 1, 3, 99), WHO, TO), LoginStatus.SESSION_DOES_NOT_EXIST);
  }

  @Test
  void aConnectionTooManyIs0206_11_13_5() {
    joining = LoginEnvironment.Joining.TOO_MANY_CONNECTIONS;
    assertFailed(send(request(true, false, 1, 3, 99), WHO, TO), LoginStatus.TOO_MANY_CONNECTIONS);
  }

  @Test
  void leadingKeysAreIrrelevantOnAConnectionThatJoins_13() {
    joining = LoginEnvironment.Joining.REINSTATES_CONNECTION;
    LoginStep step = send(request(true, false, 1, 3, 5), WHO, TO, "MaxBurstLength=8192");
    assertThat(step).isInstanceOf(LoginStep.Done.class);
    assertThat(text(step)).contains("MaxBurstLength=Irrelevant");
  }

  @ParameterizedTest(name = "T={0} C={1} CSG={2} NSG={3}")
  @CsvSource({
    "true,true,0,1",
    "true,false,1,1",
    "true,false,1,0",
    "true,false,0,2",
    "true,false,1,2",
    "false,false,2,3",
    "false,false,3,3"
  })
  void stagesThatCannotBeAre0200_11_12(boolean t, boolean c, int csg, int nsg) {
    assertFailed(send(request(t, c, csg, nsg, 0), WHO, TO), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void anotherStageThanTheCurrentOneIs0200_11_12_3() {
    send(true, 0, 1, WHO, TO, "AuthMethod=None");
    assertFailed(send(true, 0, 1), LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest(name = "version {0} to {1}, ISID {2}, TSIH {3}, ITT {4}, CID {5}, CmdSN {6}")
  @CsvSource({
    "1, 0, 0x400000000001, 0, 7, 1, 100",
    "0, 0, 0x400000000002, 0, 7, 1, 100",
    "0, 0, 0x400000000001, 5, 7, 1, 100",
    "0, 0, 0x400000000001, 0, 8, 1, 100",
    "0, 0, 0x400000000001, 0, 7, 2, 100",
    "0, 0, 0x400000000001, 0, 7, 1, 101",
    "0, 0, 0x400000000001, 0, 7, 1, 99"
  })
  void whatChangesDuringALoginIs0200_11_12(
      int max, int min, long isid, int tsih, int itt, int cid, int cmdSn) {
    send(false, 1, 0, WHO, TO);
    assertFailed(
        send(new LoginRequest(true, false, 1, 3, max, min, isid, tsih, itt, cid, cmdSn, 0)),
        LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest(name = "CmdSN {0} to {1}")
  @CsvSource({"100,100,true", "100,101,true", "-1,3,true", "100,99,false", "3,-1,false"})
  void otherConnectionsMayMoveCmdSnOnWhileOneJoins_11_12_8(int first, int next, boolean allowed) {
    joining = LoginEnvironment.Joining.ADDS_CONNECTION;
    LoginStep begun =
        send(
            new LoginRequest(false, false, 1, 0, 0, 0, 0x400000000001L, 5, 7, 2, first, 0),
            WHO,
            TO);
    assertThat(begun).isInstanceOf(LoginStep.Answer.class);
    LoginStep step =
        send(new LoginRequest(true, false, 1, 3, 0, 0, 0x400000000001L, 5, 7, 2, next, 0));
    if (allowed) {
      assertThat(step).isInstanceOf(LoginStep.Done.class);
    } else {
      assertFailed(step, LoginStatus.INITIATOR_ERROR);
    }
  }

  @Test
  void aTextMayHave64KiBAndNotMore_6_2() {
    byte[] names = (WHO + "\0" + TO + "\0X-org.example.long=").getBytes(StandardCharsets.UTF_8);
    byte[] part = "x".repeat(8192).getBytes(StandardCharsets.UTF_8);
    assertThat(machine.receive(request(false, true, 1, 0, 0), names))
        .isInstanceOf(LoginStep.Answer.class);
    for (int i = 1; i < 8; i++) {
      assertThat(machine.receive(request(false, true, 1, 0, 0), part))
          .isInstanceOf(LoginStep.Answer.class);
    }
    byte[] rest = "x".repeat(8192 - names.length - 1).concat("\0").getBytes(StandardCharsets.UTF_8);
    LoginStep all = machine.receive(request(false, false, 1, 0, 0), rest);
    assertThat(text(all)).contains("X-org.example.long=NotUnderstood");

    for (int i = 0; i < 8; i++) {
      assertThat(machine.receive(request(false, true, 1, 0, 0), part))
          .isInstanceOf(LoginStep.Answer.class);
    }
    assertFailed(
        machine.receive(request(false, true, 1, 0, 0), new byte[1]), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aRepeatedKeyIs0200_6_2() {
    assertFailed(send(true, 1, 3, WHO, WHO, TO), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aKeyRepeatedInALaterRequestIs0200_6_2() {
    send(false, 1, 0, WHO, TO, "MaxBurstLength=8192");
    assertFailed(send(true, 1, 3, "MaxBurstLength=8192"), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void anUnacceptableValueIsRejectedAndEndsTheLogin_7_10() {
    LoginStep step = send(true, 1, 3, WHO, TO, "MaxBurstLength=1");
    assertFailed(step, LoginStatus.INITIATOR_ERROR);
    assertThat(text(step)).isEqualTo("MaxBurstLength=Reject ");
    assertThat(((LoginStep.Failed) step).reason()).contains("MaxBurstLength=1", "512");
  }

  @Test
  void obsoleteMarkersDoNotEndTheLogin_13_25() {
    LoginStep step = send(true, 1, 3, WHO, TO, "IFMarker=No", "IFMarkInt=2048");
    assertThat(step).isInstanceOf(LoginStep.Done.class);
    assertThat(text(step)).contains("IFMarker=No", "IFMarkInt=Reject");
  }

  @Test
  void anOperationalKeyInTheSecurityStageIs0200_6_3_2() {
    assertFailed(send(true, 0, 1, WHO, TO, "MaxBurstLength=8192"), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void onlyMethodsTheTargetHasNotIs0201_11_13_5() {
    LoginStep step = send(true, 0, 1, WHO, TO, "AuthMethod=CHAP,SRP");
    assertFailed(step, LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(text(step)).contains("AuthMethod=Reject");
  }

  @Test
  void leavingOutARequiredSecurityStageIs0201_6_3() {
    required = List.of(new Password());
    assertFailed(send(true, 1, 3, WHO, TO), LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void noneIsRefusedWhereAMethodIsRequired_12_1() {
    required = List.of(new Password());
    assertFailed(send(true, 0, 1, WHO, TO, "AuthMethod=None"), LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void leavingTheSecurityStageBeforeTheMethodIsDoneIsNotGranted_6_3_2() {
    required = List.of(new Password());
    LoginStep offer = send(true, 0, 1, WHO, TO, "AuthMethod=None,Password");
    assertThat(text(offer)).contains("AuthMethod=Password");
    assertThat(offer.response().transit()).isFalse();
    LoginStep done = send(true, 0, 1, "P_Word=open sesame");
    assertThat(done.response().transit()).isTrue();
    assertThat(send(true, 1, 3)).isInstanceOf(LoginStep.Done.class);
  }

  @Test
  void aFailedMethodIs0201_11_13_5() {
    required = List.of(new Password());
    send(false, 0, 1, WHO, TO, "AuthMethod=Password");
    assertFailed(send(true, 0, 1, "P_Word=wrong"), LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void aKeyThatIsNotTheMethodsIsNotUnderstoodEvenDuringAnExchange_6_2() {
    required = List.of(new Password());
    send(false, 0, 1, WHO, TO, "AuthMethod=Password");
    assertThat(text(send(true, 0, 1, "P_Word=open sesame", "X-org.example.Colour=red")))
        .isEqualTo("X-org.example.Colour=NotUnderstood ");
  }

  @Test
  void whoeverMayNotLogInGets0202_11_13_5() {
    otherwise =
        Optional.of(new Admission.Refused(LoginStatus.AUTHORIZATION_FAILURE, "no rule admits it"));
    assertFailed(send(true, 0, 1, WHO, TO), LoginStatus.AUTHORIZATION_FAILURE);
  }

  @ParameterizedTest
  @CsvSource({"false,TARGET_MOVED_TEMPORARILY", "true,TARGET_MOVED_PERMANENTLY"})
  void aRedirectedInitiatorLearnsTheAddress_11_13_5(boolean permanently, LoginStatus status) {
    otherwise = Optional.of(new Admission.Redirected("192.0.2.7:3260", permanently));
    LoginStep step = send(true, 0, 1, WHO, TO);
    assertFailed(step, status);
    assertThat(text(step)).isEqualTo("TargetAddress=192.0.2.7:3260 ");
  }

  /** A method of one exchange, for the machine's sake. */
  private static final class Password implements AuthMethod {
    @Override
    public String name() {
      return "Password";
    }

    @Override
    public boolean owns(String key) {
      return key.startsWith("P_");
    }

    @Override
    public Exchange begin(LoginContext login) {
      return pairs ->
          pairs.contains(new TextPair("P_Word", "open sesame"))
              ? new Step.Authenticated(List.of())
              : new Step.Failed(LoginStatus.AUTHENTICATION_FAILURE, "wrong word");
    }
  }
}
