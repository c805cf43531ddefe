// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.access.Policy.Authentication;
import org.jtgt.iscsi.access.Terms;
import org.jtgt.iscsi.connection.Settings;
import org.jtgt.iscsi.login.Chap;
import org.jtgt.iscsi.login.ChapAlgorithm;
import org.jtgt.iscsi.net.Transport;
import org.jtgt.iscsi.text.Key;

/**
 * The configuration of the transport, read and found right.
 *
 * @param kind which event loops
 * @param threads number of loops, 0 for one a processor
 * @param busyPoll how long a loop looks for events after the last one
 * @param connections what holds for connections
 * @param defaults what holds for logins where no policy says anything
 */
record TransportSettings(
    Transport.Kind kind,
    int threads,
    Duration busyPoll,
    Settings connections,
    Gatekeeper.Defaults defaults) {
  /**
   * Reads a configuration.
   *
   * @throws IllegalArgumentException when something is wrong: key, value and what is allowed
   */
  static TransportSettings of(IscsiConfig config) {
    Patterns problems = new Patterns();
    Settings connections = connections(config, problems);
    TransportSettings settings =
        new TransportSettings(
            kind(config.transport(), problems),
            within("threads", config.threads(), 0, 256, problems),
            Duration.of(
                within("busyPollMicros", config.busyPollMicros(), 0, 1_000_000, problems),
                ChronoUnit.MICROS),
            connections,
            new Gatekeeper.Defaults(
                terms("auth", config.auth(), connections, problems),
                terms("discoveryAuth", config.discoveryAuth(), connections, problems),
                chap(config, problems)));
    if (!problems.problem().isEmpty()) {
      throw new IllegalArgumentException(problems.problem());
    }
    return settings;
  }

  /** Another configuration's keys that only a start of the transport takes over, in words. */
  String needsStart(TransportSettings wanted) {
    List<String> keys = new ArrayList<>();
    if (!Transport.nameOf(kind).equals(Transport.nameOf(wanted.kind))) {
      keys.add("transport");
    }
    if (Transport.loops(threads) != Transport.loops(wanted.threads)) {
      keys.add("threads");
    }
    return keys.isEmpty()
        ? ""
        : String.join(" and ", keys)
            + ": in force from the next start on; all sessions would end for it";
  }

  private static Transport.Kind kind(String text, Patterns problems) {
    return switch (text) {
      case "auto" -> Transport.Kind.AUTO;
      case "epoll" -> Transport.Kind.EPOLL;
      case "nio" -> Transport.Kind.NIO;
      default -> {
        problems.wrong("transport: " + text + "; allowed: auto, epoll, nio");
        yield Transport.Kind.AUTO;
      }
    };
  }

  private static int within(String key, int value, int min, int max, Patterns problems) {
    return problems.number(key, Integer.toString(value), min, max).orElse((long) min).intValue();
  }

  private static Terms terms(String key, String auth, Settings settings, Patterns problems) {
    return new Terms(
        PolicyComponent.authentication(key, auth, problems).orElse(Authentication.AUTO),
        settings.ownValues(),
        0,
        Optional.empty(),
        "");
  }

  private static Chap.Options chap(IscsiConfig config, Patterns problems) {
    List<ChapAlgorithm> algorithms = new ArrayList<>();
    for (String label : config.chapAlgorithms()) {
      ChapAlgorithm.of(label)
          .ifPresentOrElse(
              algorithms::add,
              () ->
                  problems.wrong(
                      "chapAlgorithms: " + label + "; allowed: MD5, SHA1, SHA-256, SHA3-256"));
    }
    if (algorithms.isEmpty()) {
      problems.wrong("chapAlgorithms: none; allowed: MD5, SHA1, SHA-256, SHA3-256");
    }
    return new Chap.Options(
        algorithms, within("chapChallengeBytes", config.chapChallengeBytes(), 1, 1024, problems));
  }

  private static Settings connections(IscsiConfig config, Patterns problems) {
    OwnValues own =
        new OwnValues(Settings.defaults().ownValues(), problems)
            .digest(Key.HEADER_DIGEST, config.headerDigest())
            .digest(Key.DATA_DIGEST, config.dataDigest())
            .yesNo(Key.INITIAL_R2T, config.initialR2T())
            .yesNo(Key.IMMEDIATE_DATA, config.immediateData())
            .number(Key.MAX_RECV_DATA_SEGMENT_LENGTH, config.maxRecvDataSegmentLength())
            .number(Key.MAX_BURST_LENGTH, config.maxBurstLength())
            .number(Key.FIRST_BURST_LENGTH, config.firstBurstLength())
            .number(Key.MAX_OUTSTANDING_R2T, config.maxOutstandingR2T())
            .number(Key.MAX_CONNECTIONS, config.maxConnections())
            .number(Key.ERROR_RECOVERY_LEVEL, config.errorRecoveryLevel())
            .number(Key.DEFAULT_TIME2WAIT, config.defaultTime2Wait())
            .number(Key.DEFAULT_TIME2RETAIN, config.defaultTime2Retain())
            .yesNo(Key.DATA_PDU_IN_ORDER, config.dataPDUInOrder())
            .yesNo(Key.DATA_SEQUENCE_IN_ORDER, config.dataSequenceInOrder());
    return new Settings(
        within("commandWindow", config.commandWindow(), 1, 4096, problems),
        within("maxCommands", config.maxCommands(), 1, 65536, problems),
        within("unsolicitedBytes", config.unsolicitedBytes(), 65536, 1 << 30, problems),
        within("solicitedBytes", config.solicitedBytes(), 65536, 1 << 30, problems),
        within("loginSeconds", config.loginSeconds(), 1, 3600, problems),
        within("keepAliveSeconds", config.keepAliveSeconds(), 0, 3600, problems),
        within("keepAliveTimeoutSeconds", config.keepAliveTimeoutSeconds(), 1, 3600, problems),
        within("logoutSeconds", config.logoutSeconds(), 0, 60, problems),
        within("recoveryMilliseconds", config.recoveryMilliseconds(), 50, 60000, problems),
        config.scsiEvents(),
        own.values());
  }
}
